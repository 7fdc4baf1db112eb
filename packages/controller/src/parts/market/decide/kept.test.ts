import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import { roundedUp } from "./granules.ts";
import { defaultMarketPolicy as policy } from "./policy.ts";
import type { ContainerBidder, PodBidder, Target } from "./snapshot.ts";
import { aBidder, aContainer, aDemand, aNode } from "./testing.ts";

const round = { nowMs: 0, elapsedSeconds: 1 };

function keeper(part: Partial<ContainerBidder> = {}, pod: Partial<PodBidder> = {}): PodBidder {
  return aBidder({ uid: "keeper", containers: [aContainer({ keepsRequest: true, ...part })], ...pod });
}

function targetOf(targets: readonly Target[], uid: string, container = "app"): Target {
  const found = targets.find((one) => one.podUid === uid && one.container === container);
  if (!found) throw new Error(`no target for ${uid}`);
  return found;
}

const decided = (pods: readonly PodBidder[], nowMs = 0, allocatableMilli = 2000): readonly Target[] =>
  decide(aNode(pods, { allocatableMilli }), policy, { ...round, nowMs }).targets;

describe("a request that is kept", () => {
  it.each([
    ["idle", 5],
    ["as busy as declared", 100],
    ["hungry", 900],
  ])("is what was declared while the container is %s, and its limit is never below", (_, milli) => {
    const target = targetOf(decided([keeper({ demand: aDemand(milli) })]), "keeper");
    expect(target).toMatchObject({ requestMilli: 100, requestKept: true });
    expect(target.limitMilli).toBeGreaterThanOrEqual(Math.max(100, milli));
  });

  it("comes back where the market had lowered or raised it before", () => {
    for (const requestMilli of [20, 700])
      expect(targetOf(decided([keeper({ requestMilli, limitMilli: 800 })]), "keeper").requestMilli).toBe(100);
  });

  it("is not taken for another's: what it promises is not for sale", () => {
    const hungry = aBidder({ uid: "hungry", containers: [aContainer({ demand: aDemand(4000) })] });
    const sleeper = keeper({ declaredRequestMilli: 800, requestMilli: 800, limitMilli: 900, demand: aDemand(5) });
    const targets = decided([sleeper, hungry], 0, 1000);
    expect(targetOf(targets, "hungry").requestMilli).toBeLessThanOrEqual(150);
    expect(targetOf(targets, "keeper").requestMilli).toBe(800);
  });

  it("is that of one container, while the others of its pod are sized", () => {
    const containers = [aContainer({ keepsRequest: true }), aContainer({ name: "proxy" })].map((one) => ({
      ...one,
      demand: aDemand(300),
    }));
    const targets = decided([aBidder({ uid: "two", containers })]);
    expect(targetOf(targets, "two").requestMilli).toBe(100);
    expect(targetOf(targets, "two", "proxy").requestMilli).toBe(300);
  });

  it("leaves a Guaranteed pod as it is, and the distance of one that is Burstable by CPU alone", () => {
    const same = { requestMilli: 100, limitMilli: 100, declaredLimitMilli: 100, demand: aDemand(5) };
    expect(targetOf(decided([keeper(same, { qos: "Guaranteed" })]), "keeper")).toMatchObject({
      requestMilli: 100,
      limitMilli: 100,
    });
    expect(
      targetOf(decided([keeper({ demand: aDemand(5) }, { keepBelowLimit: true, limits: "tight" })]), "keeper")
        .limitMilli,
    ).toBe(110);
  });

  it("of a silent container rises to what was declared and never falls, and no limit is invented", () => {
    const stale = policy.staleAfterMs + 1;
    const silent = (requestMilli: number): Target =>
      targetOf(decided([keeper({ requestMilli, limitMilli: null, declaredLimitMilli: null })], stale), "keeper");
    expect([silent(40), silent(300)].map(({ requestMilli, limitMilli }) => [requestMilli, limitMilli])).toEqual([
      [100, null],
      [300, null],
    ]);
  });

  it("leaves room for no more than there is, whatever comes", () => {
    const pod = fc.record({
      keeps: fc.boolean(),
      declared: fc.integer({ min: 1, max: 60 }).map((n) => n * 10),
      need: fc.integer({ min: 0, max: 3000 }),
    });
    fc.assert(
      fc.property(
        fc.array(pod, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 500, max: 8000 }),
        (drawn, size) => {
          const pods = drawn.map(({ keeps, declared, need }, index) => {
            const limits = { limitMilli: 2 * declared, declaredLimitMilli: 2 * declared };
            const demand = aDemand(need);
            const request = { requestMilli: declared, declaredRequestMilli: declared };
            const container = aContainer({ keepsRequest: keeps, ...request, ...limits, demand });
            return aBidder({ uid: `pod-${index}`, containers: [container] });
          });
          const targets = decided(pods, 0, size);
          const of = (keeps: boolean): Target[] =>
            targets.filter(({ requestKept }) => (requestKept ?? false) === keeps);
          const sum = (some: readonly Target[]): number => some.reduce((total, one) => total + one.requestMilli, 0);
          // What bounds overbooking is kept where even that is more than there is.
          const sold = drawn.filter(({ keeps }) => !keeps).map(({ declared }) => declared / policy.overbook);
          const least = sold.reduce((total, milli) => total + Math.max(policy.minMilli, roundedUp(milli)), 0);
          expect(sum(of(false))).toBeLessThanOrEqual(Math.max(least, size - sum(of(true))));
          for (const { requestMilli, limitMilli } of targets) expect(limitMilli).toBeGreaterThanOrEqual(requestMilli);
        },
      ),
    );
  });
});
