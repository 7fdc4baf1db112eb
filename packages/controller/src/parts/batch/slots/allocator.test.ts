import { seededRng } from "@walras/kit";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";

import type { SlotJob } from "../decide/job.ts";
import { turns } from "../decide/turn.ts";
import { ref, World } from "./testing/world.ts";

let world: World;
beforeEach(() => {
  world = new World();
});

describe("slots", () => {
  it("are free on eligible nodes below the threshold, and say why not elsewhere", () => {
    world.addNode("idle", 0.2);
    world.addNode("hot", 0.7);
    world.addNode("silent", null);
    world.addNode("stranger", 0.1, { labels: {} });
    world.addNode("down", 0.1, { ready: false });
    world.addNode("cordoned", 0.1, { unschedulable: true });
    world.addNode("tainted", 0.1, { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] });
    world.addNode("excluded", 0.1);
    world.cpus.set("old", { busyFraction: 0.1, ageMs: 11_000 });
    world.addNode("old", null);
    const slots = world.ledger({ excluded: new Set(["excluded"]) }).slots();
    expect(Object.fromEntries(slots.map(({ node, state, detail }) => [node, `${state}: ${detail}`]))).toEqual({
      idle: "free: CPU 20 %",
      hot: "busy: CPU 70 %",
      silent: "unknown: CPU is not known",
      stranger: "ineligible: label posture/eligible is not true",
      down: "ineligible: not Ready",
      cordoned: "ineligible: cordoned",
      tainted: "ineligible: taint gpu=yes:NoSchedule",
      excluded: "ineligible: excluded by name",
      old: "unknown: CPU was last heard of 11 s ago",
    });
  });

  it("are shared: two free nodes release two jobs among ten triggers, not ten", () => {
    world.addNode("n1", 0.1);
    world.addNode("n2", 0.1);
    const ledger = world.ledger();
    const values = Array.from({ length: 10 }, (_, index) => ledger.poll(ref(`job-${index}`)).value);
    expect(values.filter((value) => value === 1)).toHaveLength(2);
    const again = Array.from({ length: 10 }, (_, index) => ledger.poll(ref(`job-${index}`)).value);
    expect(again).toEqual(values);
  });

  it("are granted until a job takes them up, kept while it runs, and free when its pod has ended", () => {
    world.addNode("n1", 0.1);
    const ledger = world.ledger();
    expect(ledger.poll(ref("a"))).toEqual({ value: 1, active: true });
    expect(ledger.poll(ref("b"))).toEqual({ value: 0, active: false });
    const job = world.addJob("a");
    expect(ledger.grants()).toEqual([]);
    expect([ledger.poll(ref("a")).value, ledger.poll(ref("b")).value]).toEqual([0, 0]);
    world.bind(job, "n1");
    expect([ledger.poll(ref("a")).value, ledger.poll(ref("b")).value]).toEqual([0, 0]);
    world.finish(job);
    expect([ledger.poll(ref("a")).value, ledger.poll(ref("b")).value]).toEqual([0, 1]);
  });

  it("are free at once when a job ends, or is deleted, before anybody has asked again", () => {
    world.addNode("n1", 0.1);
    const ledger = world.ledger();
    expect(ledger.poll(ref("a")).value).toBe(1);
    world.finish(world.addJob("a"));
    expect([ledger.free(), ledger.poll(ref("b")).value]).toEqual([1, 1]);
    world.delete(world.addJob("b"));
    expect([ledger.free(), ledger.poll(ref("c")).value]).toEqual([1, 1]);
  });

  it("that were granted and not taken up lapse", async () => {
    world.addNode("n1", 0.1);
    const ledger = world.ledger();
    expect(ledger.poll(ref("a")).value).toBe(1);
    await world.clock.advance(30_000);
    expect(ledger.poll(ref("b")).value).toBe(0);
    await world.clock.advance(15_000);
    expect(ledger.poll(ref("b")).value).toBe(1);
  });

  it("are counted right by a scaler that has just started", () => {
    world.addNode("n1", 0.1);
    world.addNode("n2", 0.1);
    world.bind(world.addJob("a"), "n1");
    world.addJob("b");
    const ledger = world.ledger();
    expect(["a", "b", "c"].map((name) => ledger.poll(ref(name)).value)).toEqual([0, 0, 0]);
    world.addNode("n3", 0.1);
    expect(["a", "b", "c"].map((name) => ledger.poll(ref(name)).value)).toEqual([0, 0, 1]);
  });

  it("are gone with their node, and a job that was there leaves no debt", () => {
    world.addNode("n1", 0.1);
    world.addNode("n2", 0.1);
    const ledger = world.ledger();
    expect([ledger.poll(ref("a")).value, ledger.poll(ref("b")).value]).toEqual([1, 1]);
    world.bind(world.addJob("a"), "n1");
    world.bind(world.addJob("b"), "n2");
    world.nodes.delete("n1");
    expect([ledger.free(), ledger.poll(ref("a")).value, ledger.poll(ref("c")).value]).toEqual([0, 0, 0]);
    world.addNode("n3", 0.1);
    expect([ledger.free(), ledger.poll(ref("c")).value]).toEqual([1, 1]);
  });

  it("go to who wants them", () => {
    world.addNode("n1", 0.1);
    world.wanted.set("a", 0);
    world.wanted.set("b", 2);
    const ledger = world.ledger();
    expect([ledger.poll(ref("a")).value, ledger.poll(ref("b")).value]).toEqual([0, 1]);
    world.wanted.set("b", 0);
    expect(ledger.poll(ref("b")).value).toBe(0);
  });

  it("are an error, never a number, where something is not known", () => {
    world.addNode("n1", null);
    const ledger = world.ledger();
    expect(() => ledger.poll(ref("a"))).toThrow("CPU is not known of any eligible node: n1: CPU is not known");
    world.addNode("n1", 0.1);
    world.stale = ["nodes"];
    expect(() => ledger.poll(ref("a"))).toThrow("not current: nodes");
    world.stale = [];
    world.trouble = "Prometheus does not answer";
    expect(() => ledger.poll(ref("a"))).toThrow("Prometheus does not answer");
    world.trouble = null;
    world.wanted.set("a", NaN);
    expect(() => ledger.poll(ref("a"))).toThrow("demand is not known");
    expect(ledger.poll(ref("b")).value).toBe(1);
  });

  it("are never over-committed, whatever the order of polls, jobs, bindings and endings", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 12 }), (seed, triggers) => {
        const rng = seededRng(seed);
        const chaos = new World();
        for (let index = 0; index < 6; index += 1) chaos.addNode(`n${index}`, rng() * 0.9);
        const ledger = chaos.ledger();
        const unfinished = (): SlotJob[] => [...chaos.jobs.values()].filter(({ finished }) => !finished);
        const occupied = (): Set<string> =>
          new Set([...chaos.pods.values()].filter(({ ended }) => !ended).map(({ node }) => node));
        for (let step = 0; step < 120; step += 1) {
          const name = `job-${Math.floor(rng() * triggers)}`;
          const running = unfinished().filter(({ owner }) => owner === `posture/${name}`).length;
          const { value } = ledger.poll(ref(name));
          const room = ledger.slots().filter(({ state }) => state === "free").length;
          const waiting = unfinished().filter(({ uid }) => !chaos.pods.has(uid)).length;
          expect(waiting + ledger.grants().length).toBeLessThanOrEqual(Math.max(room, waiting));
          // KEDA may see nothing of what runs: its own watches are silent for a while after an outage.
          const seen = rng() < 0.5 ? 0 : running;
          if (value > seen && rng() < 0.7) chaos.addJob(name);
          expect(unfinished().filter(({ owner }) => owner === `posture/${name}`).length).toBeLessThanOrEqual(1);
          const loose = unfinished().find(({ uid }) => !chaos.pods.has(uid));
          const free = [...chaos.nodes.keys()].filter(
            (node) => !occupied().has(node) && chaos.cpus.get(node)!.busyFraction < 0.7,
          );
          if (loose && free.length > 0 && rng() < 0.6) chaos.bind(loose, free[Math.floor(rng() * free.length)]!);
          const bound = unfinished().filter(({ uid }) => chaos.pods.has(uid));
          if (bound.length > 0 && rng() < 0.3) chaos.finish(bound[0]!);
          expect(unfinished().length).toBeLessThanOrEqual(6);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("turns", () => {
  const claimant = (owner: string, given: object = {}): Parameters<typeof turns>[0][number] => ({
    owner,
    holds: 0,
    wants: 1,
    servedMs: -Infinity,
    ...given,
  });

  it("go to who holds least, then to who was served longest ago, then by name", () => {
    const order = turns([claimant("c"), claimant("b", { servedMs: 5 }), claimant("a", { holds: 1 }), claimant("d")], 4);
    expect(order).toEqual(["c", "d", "b", "a"]);
  });

  it("go round: nobody gets a second before everybody has a first", () => {
    expect(turns([claimant("a", { wants: 5 }), claimant("b", { wants: 5 })], 3)).toEqual(["a", "b", "a"]);
    expect(turns([claimant("a", { wants: 2 })], 5)).toEqual(["a", "a"]);
  });
});
