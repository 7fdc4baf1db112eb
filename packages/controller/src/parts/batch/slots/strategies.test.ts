import { beforeEach, describe, expect, it } from "vitest";

import type { ScaledRef } from "../decide/asker.ts";
import { defaultScaling, type Scaling } from "../decide/scaling.ts";
import { KedaCounter, settledMs } from "./kedaCounts.ts";
import type { SlotAllocator } from "./allocator.ts";
import { jobsToCreate } from "./testing/keda.ts";
import { ref, World } from "./testing/world.ts";

let world: World;

beforeEach(() => {
  world = new World();
});

/** One poll of KEDA's: it asks each trigger, and makes what comes of it. */
function poll(ledger: SlotAllocator, scaling: Scaling, triggers: readonly ScaledRef[]): number {
  const told = triggers.map((trigger) => ledger.poll(trigger));
  const name = triggers[0]?.name ?? "";
  const made = makes(scaling, name, told);
  for (let job = 0; job < made; job += 1) world.addJob(name);
  return made;
}

/** What KEDA makes of what it was told, by what there is now. */
function makes(
  scaling: Scaling,
  name: string,
  told: readonly { readonly value: number; readonly active: boolean }[],
): number {
  const view = { jobs: () => world.jobs.values(), pods: () => world.pods.values() };
  const counts = new KedaCounter(view, world.clock).count(`posture/${name}`, { ...scaling, strategy: "eager" }).most;
  return jobsToCreate(
    scaling,
    counts,
    told.map(({ value, active }) => ({ queueLength: value, active, target: 1 })),
  );
}

/** What KEDA makes whatever it is told is there before slots are granted. */
function addUnasked({ minReplicas }: Scaling): void {
  for (let job = 0; job < minReplicas; job += 1) {
    world.addNode(`min-${job}`, 0.1);
    world.bind(world.addJob("web"), `min-${job}`, { started: true, conditions: ["Ready", "PodScheduled"] });
  }
}

const strategies: readonly Partial<Scaling>[] = [
  { strategy: "default" },
  { strategy: "custom", deduction: 2, runningShare: 0.5 },
  { strategy: "accurate" },
  { strategy: "accurate", pendingConditions: ["Ready", "PodScheduled"] },
  { strategy: "eager" },
  { strategy: "default", minReplicas: 1 },
];

describe("B5: every strategy of KEDA's makes as many jobs as there are free slots", () => {
  it.each(strategies)("%j: one free slot after another", async (given) => {
    const scaling = { ...defaultScaling, maxReplicas: 20, ...given };
    world.scalings.set("web", scaling);
    const ledger = world.ledger();
    addUnasked(scaling);
    let made = scaling.minReplicas;
    for (let node = 0; node < 4; node += 1) {
      world.addNode(`n${node}`, 0.1);
      made += poll(ledger, scaling, [ref("web")]);
      expect(world.jobs.size).toBe(scaling.minReplicas + node + 1);
      expect([poll(ledger, scaling, [ref("web")]), poll(ledger, scaling, [ref("web")])]).toEqual([0, 0]);
      const job = [...world.jobs.values()].at(-1)!;
      // Every other one stays pending on its node: its image is being pulled.
      const conditions = node % 2 === 0 ? ["PodScheduled", "Ready"] : ["PodScheduled"];
      world.bind(job, `n${node}`, { started: node % 2 === 0, conditions });
      expect(poll(ledger, scaling, [ref("web")])).toBe(0);
      await world.clock.advance(settledMs);
      for (const [name] of world.nodes) world.addNode(name, 0.1);
    }
    expect(made).toBe(scaling.minReplicas + 4);
  });

  it.each(["max", "min", "avg", "sum"] as const)(
    "%s of two triggers: together no more than was granted",
    (combined) => {
      const scaling = { ...defaultScaling, maxReplicas: 10, combined };
      world.scalings.set("web", scaling);
      for (let node = 0; node < 4; node += 1) world.addNode(`n${node}`, 0.1);
      const ledger = world.ledger();
      const triggers = [ref("web", { demand: "always" }), ref("web", { demand: "always", metricName: "b" })];
      expect(poll(ledger, scaling, triggers)).toBe(4);
      expect(poll(ledger, scaling, triggers)).toBe(0);
    },
  );

  it("a suspended job of it counts for KEDA as one that runs", () => {
    const scaling = { ...defaultScaling, maxReplicas: 3 };
    world.scalings.set("web", scaling);
    world.addNode("n1", 0.1);
    world.addJob("web", { suspended: true });
    expect(poll(world.ledger(), scaling, [ref("web")])).toBe(1);
  });

  it.each(strategies)("%j: a job that begins, or ends, just after KEDA has asked makes no other", (given) => {
    const scaling = { ...defaultScaling, maxReplicas: 20, ...given };
    world.scalings.set("web", scaling);
    const ledger = world.ledger();
    addUnasked(scaling);
    const [first, second] = [0, 1].map(() => world.addJob("web"));
    world.addNode("n0", 0.1);
    world.addNode("n1", 0.1);
    world.addNode("n2", 0.1);
    // One is about to begin, and one about to end.
    world.bind(first!, "n0", { started: false, conditions: ["PodScheduled"] });
    world.bind(second!, "n1", { started: true, ended: true, conditions: ["PodScheduled"] });
    const told = ledger.poll(ref("web"));
    // The one whose pod has ended holds its slot until it is finished.
    expect(ledger.grants()).toHaveLength(1);
    world.bind(first!, "n0", { started: true, conditions: ["PodScheduled", "Ready"] });
    world.finish(second!);
    expect(makes(scaling, "web", [told])).toBe(1);
  });

  it.each(strategies)("%j: a job that is stopped at its deadline just after KEDA has asked makes no other", (given) => {
    const scaling = { ...defaultScaling, maxReplicas: 20, ...given };
    world.scalings.set("web", scaling);
    const ledger = world.ledger();
    addUnasked(scaling);
    const deadlineMs = world.clock.wallMs() + 2_000;
    const jobs = ["n0", "n1"].map((node) => {
      world.addNode(node, 0.1);
      const job = world.addJob("web", { deadlineMs });
      world.bind(job, node, { started: true, conditions: ["PodScheduled", "Ready"] });
      return job;
    });
    world.addNode("n2", 0.1);
    const told = ledger.poll(ref("web"));
    expect(ledger.grants()).toHaveLength(1);
    for (const job of jobs) world.finish(job);
    expect(makes(scaling, "web", [told])).toBe(1);
  });

  it("maxReplicaCount holds also where a strategy would pass it, and no slot is granted in vain", () => {
    const scaling = { ...defaultScaling, maxReplicas: 2, strategy: "custom" as const, runningShare: 0 };
    world.scalings.set("web", scaling);
    for (let node = 0; node < 4; node += 1) world.addNode(`n${node}`, 0.1);
    const ledger = world.ledger();
    expect(poll(ledger, scaling, [ref("web")])).toBe(2);
    expect([poll(ledger, scaling, [ref("web")]), ledger.grants().length, ledger.free()]).toEqual([0, 0, 2]);
  });
});

describe("B9: who is not in the cluster", () => {
  it("is granted nothing: forty that do not exist leave all slots to one that does", () => {
    for (let node = 0; node < 6; node += 1) world.addNode(`n${node}`, 0.1);
    world.scalings.set("web", { ...defaultScaling, maxReplicas: 6 });
    const ledger = world.ledger();
    for (let ghost = 0; ghost < 40; ghost += 1) {
      world.scalings.set(`ghost-${ghost}`, null);
      expect(ledger.poll(ref(`ghost-${ghost}`))).toEqual({ value: 0, active: false });
    }
    expect([ledger.grants().length, ledger.poll(ref("web")).value]).toEqual([0, 6]);
  });
});
