import fc from "fast-check";
import { expect, it } from "vitest";

import { decide } from "./decide.ts";
import { roundedUp } from "./granules.ts";
import { defaultMarketPolicy as policy } from "./policy.ts";
import type { ContainerBidder, PodBidder, Target } from "./snapshot.ts";
import { aBidder, aContainer, aDemand, aNode } from "./testing.ts";

const round = { nowMs: 0, elapsedSeconds: 1 };

function leastMilli({ declaredRequestMilli }: ContainerBidder): number {
  return Math.max(policy.minMilli, roundedUp(declaredRequestMilli / policy.overbook));
}

const podArbitrary = fc.record({
  weight: fc.constantFrom(0.5, 1, 2, 4),
  need: fc.integer({ min: 0, max: 3000 }),
  request: fc.integer({ min: 1, max: 60 }).map((n) => n * 10),
  limitFactor: fc.integer({ min: 1, max: 4 }),
  shape: fc.constantFrom("plain", "guaranteed", "same memory", "unlimited", "silent"),
  credit: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  minMilli: fc.constantFrom(null, 50, 5_000),
  limits: fc.constantFrom("ample" as const, "tight" as const),
});

function podOf(index: number, drawn: typeof podArbitrary extends fc.Arbitrary<infer T> ? T : never): PodBidder {
  const { need, request, shape, weight, credit, minMilli, limits } = drawn;
  const limit = shape === "guaranteed" ? request : request * drawn.limitFactor + (shape === "same memory" ? 10 : 0);
  const limitMilli = shape === "unlimited" ? null : limit;
  const given = { requestMilli: request, limitMilli, declaredRequestMilli: request, declaredLimitMilli: limitMilli };
  const demand = shape === "silent" ? undefined : aDemand(need);
  return aBidder({
    uid: `pod-${index}`,
    containers: [aContainer({ ...given, demand })],

    weight,
    credit,
    minMilli,
    limits,
    qos: shape === "guaranteed" ? "Guaranteed" : "Burstable",
    keepBelowLimit: shape === "same memory",
  });
}

it("whatever comes, requests fit, classes stay, silence shrinks nothing, and nobody is cut while there is room", () => {
  fc.assert(
    fc.property(
      fc.array(podArbitrary, { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 500, max: 64_000 }),
      (drawn, allocatableMilli) => {
        const pods = drawn.map((one, index) => podOf(index, one));
        const node = aNode(pods, { allocatableMilli });
        const { targets, mode } = decide(node, policy, round);
        const held = targets.filter(({ binding }) => binding === "Held");
        const market = targets.filter(({ binding }) => binding !== "Held");
        const sum = (some: readonly Target[]): number =>
          some.reduce((total, { requestMilli }) => total + requestMilli, 0);
        // What bounds overbooking is kept where even that is more than there is.
        const least = pods.flatMap(({ containers }) => containers.map(leastMilli));
        const bound = least.reduce((total, milli) => total + milli, 0);
        expect(sum(market)).toBeLessThanOrEqual(Math.max(bound, allocatableMilli - sum(held)));
        for (const { podUid, requestMilli, limitMilli } of targets) {
          const { qos, limits, containers } = pods.find(({ uid }) => uid === podUid)!;
          if (limitMilli === null) continue;
          expect(requestMilli).toBeLessThanOrEqual(limitMilli);
          if (qos === "Guaranteed") expect(requestMilli).toBe(limitMilli);
          else if (mode === "uncongested" && limits === "ample")
            expect(limitMilli).toBeGreaterThanOrEqual(containers[0]!.declaredLimitMilli!);
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
