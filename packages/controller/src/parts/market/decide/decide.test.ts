import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import { defaultMarketPolicy as policy } from "./policy.ts";
import type { ContainerBidder, Demand, NodeDecision, NodeSnapshot, PodBidder, Target } from "./snapshot.ts";
import { aBidder, aContainer, aDemand, aNode, aSample } from "./testing.ts";

const round = { nowMs: 0, elapsedSeconds: 1 };

function pod(uid: string, part: Partial<ContainerBidder>, given: Partial<PodBidder> = {}): PodBidder {
  return aBidder({ uid, ...given, containers: [aContainer(part)] });
}

const hungryDemand = aDemand(4000, { sample: aSample({ usageMilli: 420 }) });

/** Wants much more than it has. */
function hungry(uid: string, weight: number, part: Partial<PodBidder> = {}): PodBidder {
  return pod(uid, { demand: hungryDemand }, { weight, ...part });
}

function asRationed(one: PodBidder): PodBidder {
  return { ...one, containers: one.containers.map((container) => ({ ...container, rationed: true })) };
}

function decided(pods: readonly PodBidder[], part: Partial<NodeSnapshot> = {}): NodeDecision {
  return decide(aNode(pods, part), policy, round);
}

function targetOf({ targets }: NodeDecision, uid: string): Target {
  const found = targets.find(({ podUid }) => podUid === uid);
  if (!found) throw new Error(`no target for ${uid}`);
  return found;
}

const fresh = (milli: number, part: Partial<Demand> = {}): Demand => aDemand(milli, { sinceMs: 0, ...part });

describe("a node that has room", () => {
  it("leaves every limit at what was declared, however little is used", () => {
    const decision = decided([pod("idle", { declaredLimitMilli: 1000, limitMilli: 1000, demand: aDemand(0) })]);
    expect(targetOf(decision, "idle")).toMatchObject({ limitMilli: 1000, binding: "Need", rationMilli: null });
    expect([decision.limitPrice, decision.requestPrice]).toEqual([0, 0]);
  });

  it("rations nobody for what others only requested", () => {
    const wants = pod("wants", { declaredLimitMilli: 1000, limitMilli: 1000, demand: aDemand(800) });
    const decision = decided([wants], { allocatableMilli: 1900, promisedMilli: 1700, othersMilli: 20 });
    expect(decision.mode).toBe("uncongested");
    expect(targetOf(decision, "wants").limitMilli).toBeGreaterThanOrEqual(1000);
    expect(targetOf(decision, "wants").requestMilli).toBe(100);
  });

  it("gives more than was declared to who needs more, in steps that seldom change", () => {
    const limitAt = (milli: number): number | null =>
      targetOf(decided([pod("p", { demand: aDemand(milli) })]), "p").limitMilli;
    expect([limitAt(90), limitAt(140), limitAt(150), limitAt(160), limitAt(300)]).toEqual([200, 300, 300, 450, 680]);
  });

  it("has no limit above all of its CPU, unless it was declared", () => {
    expect(targetOf(decided([pod("p", { demand: aDemand(1800) })]), "p").limitMilli).toBe(2000);
    const large = pod("p", { declaredLimitMilli: 4000, limitMilli: 4000, demand: aDemand(1800) });
    expect(targetOf(decided([large]), "p").limitMilli).toBe(4000);
  });

  it("follows use where limits are to be tight", () => {
    const tight = pod("p", { limitMilli: 1000, declaredLimitMilli: 1000, demand: aDemand(300) }, { limits: "tight" });
    expect(targetOf(decided([tight]), "p").limitMilli).toBe(330);
  });

  it("keeps annotated bounds", () => {
    const decision = decided([
      hungry("capped", 1, { maxMilli: 300 }),
      pod("floored", { demand: aDemand(5) }, { minMilli: 250 }),
    ]);
    expect(targetOf(decision, "capped")).toMatchObject({ limitMilli: 300, binding: "MaxCpu" });
    expect(targetOf(decision, "floored")).toMatchObject({ requestMilli: 250, limitMilli: 250, binding: "MinCpu" });
  });
});

describe("a node whose CPU is used up", () => {
  const cpuMilli = 3 * 420;
  const crowd = [hungry("one", 1), hungry("two", 2), hungry("four", 4)];

  it("is divided above the guarantees by weight", () => {
    const decision = decided(crowd.map(asRationed), { cpuMilli });
    expect(decision.mode).toBe("congested");
    expect(decision.targets.map(({ rationMilli }) => rationMilli)).toEqual([240, 370, 650]);
    expect(decision.targets.map(({ limitMilli }) => limitMilli)).toEqual([240, 370, 650]);
    expect(decision.targets.map(({ binding }) => binding)).toEqual(["Capacity", "Capacity", "Capacity"]);
    expect(decision.limitPrice).toBeCloseTo(7 / 960, 9);
  });

  it("puts a quota on those who take more than their share, and on nobody else", () => {
    const uses = (uid: string, weight: number, usageMilli: number): PodBidder =>
      pod(uid, { demand: aDemand(4000, { sample: aSample({ usageMilli }) }) }, { weight });
    const decision = decided([uses("hog", 1, 1000), uses("victim", 4, 300)], { cpuMilli });
    expect(targetOf(decision, "hog")).toMatchObject({ rationMilli: 320, limitMilli: 320 });
    expect(targetOf(decision, "victim")).toMatchObject({ rationMilli: null, limitMilli: 1260 });
  });

  it("has no quota for who is alone: nobody would gain by it", () => {
    const alone = decided([asRationed(hungry("p", 1)), pod("q", { demand: aDemand(10) })], { cpuMilli: 430 });
    expect(targetOf(alone, "p")).toMatchObject({ rationMilli: null, limitMilli: 430 });
  });

  it("gives the rationed what a share's owner leaves", () => {
    const decision = decided(crowd.map(asRationed), { cpuMilli: cpuMilli + 40 });
    const shared = decision.targets.map(({ rationMilli }) => rationMilli!);
    expect(shared.reduce((sum, milli) => sum + milli, 0)).toBeGreaterThan(cpuMilli + 40);
    expect(decided(crowd.map(asRationed), { cpuMilli: 2 * cpuMilli }).scarceSinceMs).toBeNull();
  });

  it("rations nobody for what others than bidders use: they would not get it", () => {
    const lacks = pod("lacks", {
      limitMilli: 100,
      demand: aDemand(300, { sample: aSample({ usageMilli: 100, throttledRatio: 1 }) }),
    });
    const decision = decided([lacks], { othersMilli: 1990 });
    expect(decision.mode).toBe("congested");
    expect(targetOf(decision, "lacks")).toMatchObject({ rationMilli: null, binding: "Floor" });
    expect(targetOf(decision, "lacks").limitMilli).toBeGreaterThan(200);
  });

  it("rations nobody before that has lasted, and only those who want more than their share", () => {
    const content = pod("content", { declaredLimitMilli: 500, limitMilli: 500, demand: aDemand(80) });
    const early = decided([...crowd, content], { cpuMilli, scarceSinceMs: null });
    expect(early.scarceSinceMs).toBe(0);
    expect(early.targets.map(({ rationMilli }) => rationMilli)).toEqual([null, null, null, null]);
    const late = decided([...crowd, content], { cpuMilli });
    expect(targetOf(late, "content")).toMatchObject({ limitMilli: 500, rationMilli: null });
    expect(targetOf(late, "one").rationMilli).not.toBeNull();
  });

  it("gives limits back in the next round after it has room again", () => {
    const rationed = pod("p", { limitMilli: 240, declaredLimitMilli: 1000, demand: aDemand(300) });
    const decision = decided([rationed], { cpuMilli });
    expect(decision.scarceSinceMs).toBeNull();
    expect(targetOf(decision, "p").limitMilli).toBe(1000);
  });

  it("counts what others are measured to use, and rations nobody while that is not known", () => {
    const beside = decided(crowd.map(asRationed), { cpuMilli: cpuMilli + 1000, othersMilli: 1000 });
    expect(beside.targets.map(({ rationMilli }) => rationMilli)).toEqual([240, 370, 650]);
    const unknown = decided([pod("p", { limitMilli: 240, demand: aDemand(4000) })], { othersMilli: null });
    expect(targetOf(unknown, "p")).toMatchObject({ rationMilli: null, limitMilli: 2000 });
  });

  it("never bargains away what an owner declared and uses", () => {
    const entitled = pod("entitled", { declaredRequestMilli: 800, demand: aDemand(900) }, { weight: 0.5 });
    const decision = decided([entitled, hungry("greedy", 100)], { allocatableMilli: 1500 });
    expect(targetOf(decision, "entitled").limitMilli).toBeGreaterThanOrEqual(800);
  });

  it("lets no annotated minimum take another's guarantee", () => {
    const victim = pod("a", {
      declaredRequestMilli: 1000,
      declaredLimitMilli: 1500,
      limitMilli: 1500,
      demand: aDemand(700),
    });
    const greedy = pod("b", { demand: aDemand(20) }, { minMilli: 500_000, weight: 100 });
    const decision = decided([victim, greedy]);
    expect(targetOf(decision, "a")).toMatchObject({ requestMilli: 1000, limitMilli: 1500 });
  });

  it("shrinks guarantees alike where not even they fit, whatever the weights", () => {
    const of = (uid: string, declaredRequestMilli: number, weight: number): PodBidder =>
      asRationed(pod(uid, { declaredRequestMilli, demand: hungryDemand }, { weight }));
    const decision = decided([of("a", 2000, 1), of("b", 1000, 100)], { cpuMilli: 840 });
    expect(decision.mode).toBe("overloaded");
    expect(decision.targets.map(({ rationMilli }) => rationMilli)).toEqual([560, 280]);
  });

  it("takes what waits without being throttled to want more than it uses", () => {
    const waits = (milli: number): Demand =>
      aDemand(milli, { sample: aSample({ usageMilli: milli, pressureRatio: 0.8 }) });
    const decision = decided([pod("p", { demand: waits(1900) }), pod("q", { demand: waits(100) })]);
    expect(targetOf(decision, "q").bid.capMilli).toBeCloseTo(108);
  });
});

describe("a beginning", () => {
  const declared = { declaredRequestMilli: 500, declaredLimitMilli: 1000, requestMilli: 500, limitMilli: 1000 };

  it("is not cut before a minute of samples, nor before Ready", () => {
    const young = pod("young", { ...declared, demand: fresh(10) }, { limits: "tight" });
    const unready = pod("unready", { ...declared, demand: aDemand(10) }, { limits: "tight", ready: false });
    const settled = pod("settled", { ...declared, demand: aDemand(10) }, { limits: "tight" });
    const decision = decided([young, unready, settled]);
    expect([targetOf(decision, "young").limitMilli, targetOf(decision, "unready").limitMilli]).toEqual([1000, 1000]);
    expect(targetOf(decision, "settled").limitMilli).toBe(500);
  });

  it("may use all of the node's CPU when its limit throttles it, for a bounded time", () => {
    const throttled = { surgeMilli: 300, sample: aSample({ usageMilli: 200, throttledRatio: 1 }) };
    const limit = (given: Partial<Demand>): number | null =>
      targetOf(decided([pod("p", { demand: fresh(200, { ...throttled, ...given }) }, { ready: false })]), "p")
        .limitMilli;
    expect(limit({})).toBe(2000);
    expect(limit({ sinceMs: -policy.boostMs })).toBe(680);
  });

  it("goes on with the limit that it began with until it is known, for a bounded time", () => {
    const began = { declaredRequestMilli: 100, declaredLimitMilli: 500, limitMilli: 2000 };
    const limit = (demand: Demand, ready = true): number | null =>
      targetOf(decided([pod("p", { ...began, demand }, { ready })]), "p").limitMilli;
    expect(limit(fresh(10))).toBe(2000);
    expect(limit(aDemand(10, { sinceMs: -policy.steadyAfterMs }))).toBe(500);
    expect(limit(aDemand(10, { sinceMs: -policy.steadyAfterMs }), false)).toBe(2000);
    expect(limit(aDemand(10, { sinceMs: -policy.boostMs }), false)).toBe(500);
  });

  it("may have the node's CPU as limit where that is known to be idle", () => {
    const start = (usedMilli: number, othersMilli: number | null): number | null =>
      decide(aNode([pod("p", { demand: aDemand(usedMilli) })], { othersMilli }), policy, round).startMilli;
    expect(start(100, 0)).toBe(2000);
    expect(start(100, null)).toBe(null);
    expect(start(100, 1850)).toBe(null);
  });
});

describe("a container", () => {
  it("is held where it is while it is silent, then has what was declared", () => {
    const container = { requestMilli: 40, limitMilli: 60, demand: aDemand(10) };
    const held = (nowMs: number): Target =>
      targetOf(decide(aNode([pod("pod", container)]), policy, { ...round, nowMs }), "pod");
    expect(held(policy.staleAfterMs + 1)).toMatchObject({ requestMilli: 40, limitMilli: 60, binding: "Held" });
    expect(held(policy.forgetAfterMs + 1)).toMatchObject({ requestMilli: 100, limitMilli: 200, binding: "Held" });
  });

  it("keeps its limit where limits are not ours", () => {
    const decision = decided([pod("pod", { limitMilli: 700, demand: aDemand(300) }, { requestsOnly: true })]);
    expect(targetOf(decision, "pod")).toMatchObject({ requestMilli: 300, limitMilli: 700 });
  });

  it("without a limit is never given one, and its request is not bounded by any", () => {
    const unlimited = pod("pod", {
      limitMilli: null,
      declaredLimitMilli: null,
      declaredRequestMilli: 700,
      demand: aDemand(5),
    });
    expect(targetOf(decided([unlimited]), "pod")).toMatchObject({ requestMilli: 700, limitMilli: null });
  });

  it("has its part of its pod's weight by its need", () => {
    const containers = [
      aContainer({ name: "big", demand: aDemand(3000) }),
      aContainer({ name: "small", demand: aDemand(1000) }),
    ];
    const { targets } = decided([aBidder({ weight: 4, containers })]);
    expect(targets.map(({ bid }) => Math.round(bid.weight * 1e9) / 1e9)).toEqual([3, 1]);
  });
});
