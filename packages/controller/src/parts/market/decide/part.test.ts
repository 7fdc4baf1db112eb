import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import { decidePart } from "./part.ts";
import { defaultMarketPolicy as policy } from "./policy.ts";
import type { NodeDecision, NodeSnapshot, PodBidder } from "./snapshot.ts";
import { aBidder, aContainer, aDemand, aNode } from "./testing.ts";

const round = { nowMs: 0, elapsedSeconds: 1 };

/** A pod before and after its use has moved. */
const pods: fc.Arbitrary<readonly [PodBidder, PodBidder]> = fc
  .record({
    weight: fc.constantFrom(0.5, 1, 4),
    credit: fc.constantFrom(-50_000, 0, 200_000),
    qos: fc.constantFrom("Burstable" as const, "Guaranteed" as const),
    limits: fc.constantFrom("ample" as const, "tight" as const),
    uses: fc.array(fc.tuple(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 600 })), {
      minLength: 1,
      maxLength: 2,
    }),
    declaredMilli: fc.constantFrom(20, 100, 400),
    habitMilli: fc.constantFrom(null, 30, 250),
    keepsRequest: fc.boolean(),
    heard: fc.boolean(),
  })
  .map(({ uses, declaredMilli, habitMilli, keepsRequest, heard, ...rest }) => {
    const declared = { declaredRequestMilli: declaredMilli, declaredLimitMilli: 2 * declaredMilli };
    const at = (moment: 0 | 1): PodBidder => {
      const containers = uses.map((milli, index) => {
        const demand = heard || index === 0 ? aDemand(milli[moment]) : undefined;
        return aContainer({ ...declared, name: `c${index}`, habitMilli, keepsRequest, demand });
      });
      return aBidder({ ...rest, containers });
    };
    return [at(0), at(1)] as const;
  });

/** A node before and after some of its pods have moved. */
const nodes = fc
  .record({
    bidders: fc.array(fc.tuple(pods, fc.boolean()), { minLength: 2, maxLength: 12 }),
    cpuMilli: fc.constantFrom(1_000, 3_000, 8_000),
    othersMilli: fc.constantFrom(null, 0, 500),
    promisedMilli: fc.constantFrom(0, 700),
  })
  .map(({ bidders, cpuMilli, ...rest }) => {
    const at = (moment: 0 | 1): NodeSnapshot => {
      const named = bidders.map(([both, moved], index) => ({ ...both[moved ? moment : 0], uid: `pod-${index}` }));
      return aNode(named, { ...rest, cpuMilli, allocatableMilli: cpuMilli - 200, scarceSinceMs: null });
    };
    const moved = new Set(bidders.flatMap(([, isMoved], index) => (isMoved ? [`pod-${index}`] : [])));
    return { before: at(0), after: at(1), moved };
  });

/** Whether there is room for all, and some left where it is known. */
function isCalm({ mode, requestPrice, startMilli }: NodeDecision, { othersMilli }: NodeSnapshot): boolean {
  return mode === "uncongested" && requestPrice === 0 && (startMilli !== null || othersMilli === null);
}

function targetsOf({ targets }: NodeDecision, isAsked: (uid: string) => boolean): NodeDecision["targets"] {
  return targets.filter(({ podUid }) => isAsked(podUid));
}

/** @param before what was decided when they had not moved yet */
function part(snapshot: NodeSnapshot, before: NodeDecision, moved: ReadonlySet<string>): NodeDecision | null {
  const others = snapshot.pods.filter(({ uid }) => !moved.has(uid));
  const standing = targetsOf(before, (uid) => !moved.has(uid));
  const beside = {
    weight: others.reduce((sum, { weight }) => sum + weight, 0),
    capMilli: standing.reduce((sum, { bid }) => sum + bid.capMilli, 0),
    requestMilli: standing.reduce((sum, { requestMilli }) => sum + requestMilli, 0),
  };
  return decidePart(
    { ...snapshot, pods: snapshot.pods.filter(({ uid }) => moved.has(uid)), beside },
    policy,
    round.nowMs,
  );
}

describe("deciding some of a node's bidders", () => {
  it("gives them what deciding all does, or is not done", () => {
    let done = 0;
    fc.assert(
      fc.property(nodes, ({ before, after, moved }) => {
        const then = decide(before, policy, round);
        const some = isCalm(then, before) ? part(after, then, moved) : null;
        if (!some) return;
        done += 1;
        const all = decide(after, policy, round);
        expect(isCalm(all, after)).toBe(true);
        expect(some.targets).toEqual(targetsOf(all, (uid) => moved.has(uid)));
        expect(targetsOf(then, (uid) => !moved.has(uid))).toEqual(targetsOf(all, (uid) => !moved.has(uid)));
      }),
      { numRuns: 1_000 },
    );
    expect(done).toBeGreaterThan(50);
  });

  it("is not done where those who stand leave no room", () => {
    const bidders = ["one", "two"].map((uid) => aBidder({ uid, containers: [aContainer({ demand: aDemand(450) })] }));
    const snapshot = aNode(bidders, { allocatableMilli: 1_000, scarceSinceMs: null });
    const whole = decide(snapshot, policy, round);
    expect(part(snapshot, whole, new Set(["one"]))).not.toBeNull();
    expect(part({ ...snapshot, othersMilli: 80 }, whole, new Set(["one"]))).toBeNull();
    expect(part({ ...snapshot, promisedMilli: 900 }, whole, new Set(["one"]))).toBeNull();
  });
});
