import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import type { Profile } from "../decide/snapshot.ts";
import { FakeKnowledge } from "../knowledge/testing/fake.ts";
import { aPlanEvent, anEffect } from "../knowledge/testing/events.ts";
import type { SeenIntent } from "../loop/ports.ts";
import { cpuLatency } from "../models/cpu.ts";
import { ModelCache } from "./cache.ts";
import { Learner } from "./learner.ts";

const lookBackMinutes = 20;
const minuteMs = 60_000;
const p99 = "default/p99latency";
const rps = "default/throughput";
const profiles = new Map<string, Profile>([
  [p99, { type: "latency", minimize: true }],
  [rps, { type: "throughput", minimize: false }],
]);

let base: FakeKnowledge;
let clock: VirtualClock;
let cache: ModelCache;
let learner: Learner;
let told: string[];
let warnings: string[];
let rng: () => number;

beforeEach(() => {
  base = new FakeKnowledge();
  clock = new VirtualClock();
  told = [];
  warnings = [];
  rng = seededRng(3);
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: ({ problem }: { readonly problem: string }) => warnings.push(problem),
  });
  cache = new ModelCache(lookBackMinutes, (intent, problem) => warnings.push(`${intent}: ${problem}`));
  learner = new Learner({ base, cache, lookBackMinutes, clock, logger, onLearnt: (kind) => told.push(kind) });
});

function seen(name: string): SeenIntent {
  const objectives = [p99, rps].map((profile) => ({ profile, target: 100, tolerance: 0 }));
  return {
    ref: { apiVersion: "ido.intel.com/v1alpha1", kind: "Intent", namespace: "default", name, uid: name },
    generation: 1,
    intent: {
      name: `default/${name}`,
      target: { kind: "Deployment", name: "default/web" },
      priority: 1,
      active: true,
      objectives,
      pods: [],
      resources: new Map(),
      annotations: new Map(),
      data: new Map(),
    },
    target: null,
  };
}

const step = (...names: string[]): Promise<void> =>
  learner.step({ intents: names.map(seen), profiles }, new AbortController().signal);

/** A moment of one replica of a service, by the prototype's formula and a little noise. */
function record(cpuMilli: number, factor = 1, name = "default/web"): void {
  const latency = factor * cpuLatency([200, 1.8, 50], cpuMilli / 1_000) + (rng() - 0.5);
  const pod = { availability: 1, nodename: "n1", state: "Running", qosclass: "Guaranteed" };
  base.recorded.push(
    aPlanEvent({
      name,
      timestampMs: clock.wallMs(),
      currentObjectives: { [p99]: latency, [rps]: 10 },
      resources: { "0_cpu_requests": cpuMilli, "0_cpu_limits": cpuMilli },
      pods: { a: pod },
    }),
  );
}

async function recordDay(name = "default/web"): Promise<void> {
  for (const cpuMilli of [500, 1_000, 1_500, 2_000]) {
    for (let moment = 0; moment < 6; moment += 1) {
      record(cpuMilli, 1, name);
      await clock.advance(1_000);
    }
  }
}

const models = (name = "default/web"): ReturnType<ModelCache["modelsFor"]> => cache.modelsFor(name, clock.wallMs());

describe("a model", () => {
  it("is learnt when there is enough, stored as the prototype's document, and believed from then on", async () => {
    for (let moment = 0; moment < 19; moment += 1) record(moment % 2 === 0 ? 500 : 1_000);
    await step("web");
    expect([base.learnt, models().cpu.size]).toEqual([[], 0]);
    await recordDay();
    await step("web");
    expect(base.learnt).toMatchObject([
      {
        name: "default/web",
        group: "vertical_scaling",
        profileName: p99,
        static: false,
        timestamp: clock.wallMs(),
        data: { cpuRange: [0.5, 2], trainingFeatures: ["cpus"], targetFeature: p99 },
      },
    ]);
    const { data } = base.learnt[0] ?? anEffect();
    expect(data["popt"]).toEqual(data["popts"]);
    const [fitted = []] = models().cpu.get(p99)?.parameters ?? [];
    expect(fitted.map((value, index) => value / ([200, 1.8, 50][index] ?? 1))).toEqual(
      [1, 1, 1].map((one) => expect.closeTo(one, 1) as number),
    );
    expect(told).toEqual(["learnt"]);
  });

  it("of replicas has the throughput among its features", async () => {
    const pod = { availability: 1, nodename: "n1", state: "Running", qosclass: "Guaranteed" };
    for (const replicas of [1, 2, 3]) {
      for (const load of [5, 10, 20, 30]) {
        const pods = Object.fromEntries(Array.from({ length: replicas }, (_, index) => [`p-${index}`, pod]));
        const latency = 60 * Math.exp((0.3 - 0.04 * replicas) * (1 + load / 10));
        base.recorded.push(
          aPlanEvent({ name: "default/web", currentObjectives: { [p99]: latency, [rps]: load }, pods }),
        );
      }
    }
    await step("web");
    expect(base.learnt).toMatchObject([
      {
        group: "scaling",
        data: { replicaRange: [1, 3], throughputRange: [5, 30], trainingFeatures: [rps, "replicas"] },
      },
    ]);
  });

  it("is not learnt again without anything new, nor from a few moments, nor while it holds", async () => {
    await recordDay();
    await step("web");
    await step("web");
    for (let moment = 0; moment < 4; moment += 1) {
      await clock.advance(1_000);
      record(1_000, 3);
    }
    await step("web");
    expect(told).toEqual(["learnt"]);
  });

  it("is learnt again when what it says is off by more than it was", async () => {
    await recordDay();
    await step("web");
    for (let moment = 0; moment < 30; moment += 1) {
      await clock.advance(1_000);
      record([500, 1_000, 1_500][moment % 3] ?? 500, 1.5);
    }
    await step("web");
    expect(told).toEqual(["learnt", "learnt"]);
  });

  it("is learnt again for sizes that it has not seen", async () => {
    await recordDay();
    await step("web");
    for (let moment = 0; moment < 5; moment += 1) {
      await clock.advance(1_000);
      record(4_000);
    }
    await step("web");
    expect(models().cpu.get(p99)?.coreRange).toEqual([0.5, 4]);
  });

  it("that holds is confirmed before it is too old; without anything new it grows old, and is not learnt from old moments", async () => {
    await recordDay();
    await step("web");
    await clock.advance(11 * minuteMs);
    for (let moment = 0; moment < 6; moment += 1) {
      await clock.advance(1_000);
      record(1_000);
    }
    await step("web");
    expect([told, models().cpu.size]).toEqual([["learnt", "confirmed"], 1]);
    await clock.advance(21 * minuteMs);
    await step("web");
    expect([told, models().cpu.size]).toEqual([["learnt", "confirmed"], 0]);
  });

  it("that is somebody's word is kept", async () => {
    base.learnt.push(anEffect({ name: "default/web", static: true }));
    await recordDay();
    await step("web");
    expect([told, models().cpu.get(p99)?.pinned]).toEqual([[], true]);
  });

  it("that others have written is seen, and one that cannot be read is left out", async () => {
    await step("web");
    base.learnt.push(anEffect({ name: "default/web", timestamp: clock.wallMs() }));
    base.learnt.push(anEffect({ name: "default/web", group: "scaling", data: { popt: "pickled" } }));
    await step("web");
    expect([models().cpu.size, models().replicas.size]).toEqual([1, 0]);
    expect(warnings).toEqual([expect.stringContaining("default/web: effects.default/p99latency (scaling).data.popt")]);
  });
});

describe("a step", () => {
  it("fits no more than it may, and goes on where it ended", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) await recordDay(`default/${name}`);
    await step(...names);
    expect(base.learnt.map(({ name }) => name)).toEqual(["default/a", "default/b", "default/c", "default/d"]);
    await step(...names);
    expect(base.learnt.map(({ name }) => name).slice(4)).toEqual(["default/e", "default/f"]);
  });

  it("asks for the models of all intents at once, and for events of a few", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `i${index}`);
    await step(...names);
    expect(names.every((name) => cache.has(`default/${name}`))).toBe(true);
    expect(base.calls).toBe(100 + 2 * 20);
  });

  it("looks at each of many intents within ten steps", async () => {
    const names = Array.from({ length: 400 }, (_, index) => `i${index}`);
    const asked = new Set<string>();
    const events = base.events.bind(base);
    base.events = (intent, most) => events(intent, most).finally(() => asked.add(intent));
    for (let steps = 0; steps < 10; steps += 1) await step(...names);
    expect(asked.size).toBe(400);
  });

  it("throws nothing while the knowledge base is away, keeps its models and says so once", async () => {
    await recordDay();
    await step("web");
    base.away = true;
    await step("web");
    await step("web");
    expect([warnings, models().cpu.size]).toEqual([["the knowledge base is away"], 1]);
  });

  it("forgets intents that are gone", async () => {
    await recordDay();
    await step("web");
    await step();
    expect(cache.has("default/web")).toBe(false);
  });
});
