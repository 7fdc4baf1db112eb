import { beforeEach, describe, expect, it } from "vitest";

import type { IntentDecision } from "../decide/decision.ts";
import { decisionFor, LoopRig, p99, seenIntent } from "./testing.ts";

let rig: LoopRig;
const grow = [{ name: "scaleOut", properties: { factor: 2 } }];
const shrink = [{ name: "rmPod", properties: { name: "a" } }];

beforeEach(() => {
  rig = new LoopRig();
});

function decides(...rounds: readonly Partial<IntentDecision>[]): void {
  let at = 0;
  rig.decide = () => {
    const over = rounds[Math.min(at, rounds.length - 1)];
    at += 1;
    return Promise.resolve([decisionFor("shop/web", over)]);
  };
}

describe("a round", () => {
  it("observes, measures, verifies, decides, acts, records, explains and learns", async () => {
    decides({ plan: grow });
    const round = await rig.round();
    expect(rig.steps).toEqual(["observe", "measure", "verify", "decide", "act", "record", "explain", "learn"]);
    expect(rig.learnt).toEqual(["shop/web"]);
    expect(rig.executed).toEqual([{ intent: "shop/web", plan: grow }]);
    expect(round?.told[0]?.execution).toEqual({ verdict: "Done", message: "" });
  });

  it("records what was, what was wanted and what is planned, as the prototype does", async () => {
    decides({ plan: grow });
    await rig.round();
    const pod = { availability: 1, nodename: "n", state: "Running", qosclass: "Burstable" };
    expect(rig.events).toEqual([
      {
        name: "shop/web",
        timestampMs: 1_000_000,
        currentObjectives: { [p99]: 80 },
        desiredObjectives: { [p99]: 100 },
        resources: { "0_cpu_limits": 1000 },
        annotations: {},
        pods: { a: pod, b: pod },
        data: { cpu_value: { n: 20 } },
        plan: grow,
      },
    ]);
  });

  it("records what is not known as the prototype does, and no plan as none", async () => {
    rig.measured = { kind: "stale", value: 80, ageSeconds: 300 };
    decides({ verdict: "Unknown" });
    await rig.round();
    expect(rig.events[0]).toMatchObject({ currentObjectives: { [p99]: -1 }, plan: null });
  });

  it("is none for a replica that does not lead", async () => {
    rig.leads = false;
    decides({ plan: grow });
    expect(await rig.round()).toBeUndefined();
    expect([rig.steps, rig.executed]).toEqual([[], []]);
  });

  it("does nothing of a plan whose intent is not active, and tells it", async () => {
    rig.intents = [seenIntent("shop/web", false)];
    decides({ plan: grow, execute: false });
    const round = await rig.round();
    expect([rig.executed, round?.told[0]?.execution, round?.told[0]?.decision.plan]).toEqual([[], null, grow]);
  });

  it("decides with nothing measured where measuring fails", async () => {
    rig.measures = () => Promise.reject(new Error("Prometheus is gone"));
    decides({ verdict: "Unknown" });
    await rig.round();
    expect([rig.lastIntent?.measured.size, rig.rounds.length]).toEqual([0, 1]);
  });

  it("goes on where the knowledge base does not", async () => {
    rig.records = () => Promise.reject(new Error("the disk is full"));
    decides({ plan: grow });
    const round = await rig.round();
    expect([rig.executed.length, round?.told.length]).toEqual([1, 1]);
  });

  it("does nothing that could not be put on record before", async () => {
    rig.begins = () => Promise.reject(new Error("forbidden"));
    decides({ plan: grow });
    const round = await rig.round();
    expect(rig.executed).toEqual([]);
    expect(round?.told[0]?.execution).toEqual({ verdict: "Refused", message: "not on record, so not done: forbidden" });
  });

  it("puts nothing on record of what cannot be done anyway", async () => {
    let begun = 0;
    rig.begins = () => Promise.resolve(void (begun += 1));
    rig.obstacle = { verdict: "Conflict", message: "an autoscaler" };
    decides({ plan: grow });
    const round = await rig.round();
    expect([begun, rig.executed, round?.told[0]?.execution?.verdict]).toEqual([0, [], "Conflict"]);
  });

  it("tells intents that cannot be read, and plans for the others", async () => {
    rig.bad = [{ ref: seenIntent("shop/other").ref, generation: 1, problem: "spec.priority: 2" }];
    decides({});
    expect((await rig.round())?.bad).toEqual(rig.bad);
  });
});

describe("what is remembered", () => {
  it("is when it has grown and shrunk, and what was wished for", async () => {
    decides({ plan: grow, wish: { atMs: 1_000_000, pods: 4, cpuMilli: null } }, { plan: shrink }, {});
    await rig.round();
    await rig.round();
    await rig.round();
    expect(rig.lastIntent?.history).toEqual({
      grownAtMs: 1_000_000,
      shrunkAtMs: 1_045_000,
      sinceMs: 1_000_000,
      wishes: [{ atMs: 1_000_000, pods: 4, cpuMilli: null }],
      moments: [],
    });
  });

  it("is nothing of a plan of which nothing was left", async () => {
    rig.execution = { verdict: "RolledBack", message: "" };
    decides({ plan: grow }, {});
    await rig.round();
    await rig.round();
    expect(rig.lastIntent?.history).toMatchObject({ grownAtMs: null });
  });

  it("is what the one who led before has left on record", async () => {
    rig.recalled = { grownAtMs: 990_000, shrunkAtMs: null };
    decides({});
    await rig.round();
    expect(rig.lastIntent?.history).toMatchObject({ grownAtMs: 990_000, shrunkAtMs: null });
  });

  it("begins anew when something was not known", async () => {
    decides({}, { verdict: "Unknown" }, {});
    await rig.round();
    await rig.round();
    await rig.round();
    expect(rig.lastIntent?.history?.sinceMs).toBe(1_045_000);
  });
});

describe("what was done", () => {
  it("is compared with what was predicted when it has had its effect", async () => {
    decides({ plan: grow, objectives: [{ profile: p99, target: 100, value: 150, expected: 90, met: false }] }, {});
    await rig.round();
    rig.measured = { kind: "value", value: 95 };
    const effect = (await rig.round())?.told[0]?.effect;
    expect(effect).toEqual({ verdict: "AsPredicted", seen: [{ profile: p99, value: 95 }], reverted: null });
    expect((await rig.round())?.told[0]?.effect).toBeNull();
  });

  it("is taken back where it took too much, and nothing else is done in that round", async () => {
    decides({ plan: shrink }, { plan: grow }, {});
    await rig.round();
    rig.measured = { kind: "value", value: 300 };
    const round = await rig.round();
    expect([rig.reverts, rig.executed.length]).toEqual([["shop/web"], 1]);
    expect(round?.told[0]?.effect).toMatchObject({ verdict: "TookTooMuch", reverted: rig.reverted });
    await rig.round();
    expect(rig.lastIntent?.history?.grownAtMs).toBe(1_045_000);
  });

  it("is left to the next plan where this process did not do it", async () => {
    rig.reverted = null;
    decides({ plan: shrink }, { plan: grow });
    await rig.round();
    rig.measured = { kind: "value", value: 300 };
    await rig.round();
    expect(rig.executed.map(({ plan }) => plan)).toEqual([shrink, grow]);
  });
});
