import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decide, marketCapacity } from "./decide.ts";
import { defaultMarketPolicy as policy } from "./policy.ts";
import type { PodBidder, Target } from "./snapshot.ts";
import { aBidder, aContainer, aDemand, aNode } from "./testing.ts";

const round = { nowMs: 0, elapsedSeconds: 1 };

function hungry(uid: string, weight: number, part: Partial<PodBidder> = {}): PodBidder {
  return aBidder({ uid, weight, containers: [aContainer({ demand: aDemand(4000) })], ...part });
}

function targetOf(targets: readonly Target[], uid: string): Target {
  const found = targets.find(({ podUid }) => podUid === uid);
  if (!found) throw new Error(`no target for ${uid}`);
  return found;
}

const podArbitrary = fc.record({
  weight: fc.constantFrom(0.5, 1, 2, 4),
  need: fc.integer({ min: 0, max: 3000 }),
  request: fc.integer({ min: 1, max: 60 }).map((n) => n * 10),
  limitFactor: fc.integer({ min: 1, max: 4 }),
  shape: fc.constantFrom("plain", "guaranteed", "same memory", "unlimited", "silent"),
  credit: fc.integer({ min: -1_000_000, max: 1_000_000 }),
});

function podOf(index: number, drawn: typeof podArbitrary extends fc.Arbitrary<infer T> ? T : never): PodBidder {
  const { need, request, shape, weight, credit } = drawn;
  const limit = shape === "guaranteed" ? request : request * drawn.limitFactor + (shape === "same memory" ? 10 : 0);
  return aBidder({
    uid: `pod-${index}`,
    weight,
    credit,
    qos: shape === "guaranteed" ? "Guaranteed" : "Burstable",
    keepBelowLimit: shape === "same memory",
    containers: [
      aContainer({
        requestMilli: request,
        limitMilli: shape === "unlimited" ? null : limit,
        declaredRequestMilli: request,
        declaredLimitMilli: shape === "unlimited" ? null : limit,
        demand: shape === "silent" ? undefined : aDemand(need),
      }),
    ],
  });
}

describe("decide", () => {
  it("divides a congested node above the floors by weight", () => {
    const node = aNode([hungry("one", 1), hungry("two", 2), hungry("four", 4)], {
      allocatableMilli: 1000 / (1 - policy.reserveFraction),
    });
    const { targets, mode, limitPrice } = decide(node, policy, round);
    expect(mode).toBe("congested");
    expect(targets.map(({ limitMilli }) => limitMilli)).toEqual([200, 300, 500]);
    expect(targets.map(({ binding }) => binding)).toEqual(["Capacity", "Capacity", "Capacity"]);
    expect(limitPrice).toBeCloseTo(7 / 700, 9);
  });

  it("gives headroom to who has all it would use, beyond what the node has", () => {
    const calm = Array.from({ length: 10 }, (_, index) =>
      aBidder({ uid: `calm-${index}`, containers: [aContainer({ demand: aDemand(100, { peakMilli: 300 }) })] }),
    );
    const { targets, mode } = decide(aNode(calm), policy, round);
    expect(mode).toBe("uncongested");
    expect(new Set(targets.map(({ limitMilli }) => limitMilli))).toEqual(new Set([330]));
  });

  it("prices nothing and gives headroom while everybody fits", () => {
    const { targets, limitPrice, requestPrice } = decide(aNode([aBidder()]), policy, round);
    expect([limitPrice, requestPrice]).toEqual([0, 0]);
    expect(targetOf(targets, "pod")).toMatchObject({ requestMilli: 100, limitMilli: 110, binding: "Need" });
  });

  it("never bargains away what an owner declared and uses", () => {
    const entitled = aBidder({
      uid: "entitled",
      weight: 0.5,
      containers: [aContainer({ declaredRequestMilli: 800, demand: aDemand(900) })],
    });
    const { targets } = decide(aNode([entitled, hungry("greedy", 100)], { allocatableMilli: 1500 }), policy, round);
    expect(targetOf(targets, "entitled").limitMilli).toBeGreaterThanOrEqual(800);
  });

  it("lowers an idle neighbour to the least limit", () => {
    const idle = aBidder({ uid: "idle", containers: [aContainer({ limitMilli: 1000, demand: aDemand(0) })] });
    const target = targetOf(decide(aNode([idle, hungry("busy", 1)]), policy, round).targets, "idle");
    expect(target.limitMilli).toBe(policy.idleLimitMilli);
    expect(target.requestMilli).toBe(policy.minMilli);
  });

  it("keeps annotated bounds", () => {
    const { targets } = decide(
      aNode([
        hungry("capped", 1, { maxMilli: 300 }),
        aBidder({ uid: "floored", minMilli: 250, containers: [aContainer({ demand: aDemand(5) })] }),
      ]),
      policy,
      round,
    );
    expect(targetOf(targets, "capped")).toMatchObject({ limitMilli: 300, binding: "MaxCpu" });
    expect(targetOf(targets, "floored")).toMatchObject({ requestMilli: 250, limitMilli: 250, binding: "MinCpu" });
  });

  it("holds a silent container where it is, then restores what was declared", () => {
    const container = aContainer({ requestMilli: 40, limitMilli: 60, demand: aDemand(10) });
    const held = (nowMs: number): Target =>
      targetOf(decide(aNode([aBidder({ containers: [container] })]), policy, { ...round, nowMs }).targets, "pod");
    expect(held(policy.staleAfterMs + 1)).toMatchObject({ requestMilli: 40, limitMilli: 60, binding: "Held" });
    expect(held(policy.forgetAfterMs + 1)).toMatchObject({ requestMilli: 100, limitMilli: 200, binding: "Held" });
  });

  it("changes requests only where limits are not ours", () => {
    const { targets } = decide(
      aNode([aBidder({ requestsOnly: true, containers: [aContainer({ limitMilli: 700, demand: aDemand(300) })] })]),
      policy,
      round,
    );
    expect(targetOf(targets, "pod")).toMatchObject({ requestMilli: 300, limitMilli: 700 });
  });

  it("gives requests that fit, in classes that stay, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.array(podArbitrary, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 500, max: 16_000 }),
        (drawn, allocatableMilli) => {
          const pods = drawn.map((one, index) => podOf(index, one));
          const node = aNode(pods, { allocatableMilli });
          const { targets } = decide(node, policy, round);
          const held = targets.filter(({ binding }) => binding === "Held");
          const market = targets.filter(({ binding }) => binding !== "Held");
          const sum = (some: readonly Target[]): number =>
            some.reduce((total, { requestMilli }) => total + requestMilli, 0);
          expect(sum(market)).toBeLessThanOrEqual(Math.max(0, marketCapacity(node, policy) - sum(held)));
          for (const { podUid, requestMilli, limitMilli } of targets) {
            const pod = pods.find(({ uid }) => uid === podUid)!;
            if (limitMilli === null) continue;
            expect(requestMilli).toBeLessThanOrEqual(limitMilli);
            if (pod.qos === "Guaranteed") expect(requestMilli).toBe(limitMilli);
          }
          for (const one of held) {
            const before = pods.find(({ uid }) => uid === one.podUid)!.containers[0]!;
            expect(one.requestMilli).toBeGreaterThanOrEqual(before.requestMilli);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("shares a pod's weight among its containers by their need", () => {
    const containers = [
      aContainer({ name: "big", demand: aDemand(3000) }),
      aContainer({ name: "small", demand: aDemand(1000) }),
    ];
    const { targets } = decide(aNode([aBidder({ weight: 4, containers })]), policy, round);
    expect(targets.map(({ bid }) => Math.round(bid.weight * 1e9) / 1e9)).toEqual([3, 1]);
  });
});
