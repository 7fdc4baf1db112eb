import fc from "fast-check";
import { expect, it } from "vitest";

import { decide } from "./decide.ts";
import { defaultMarketPolicy } from "./policy.ts";
import type { PodBidder } from "./snapshot.ts";
import { aBidder, aContainer, aDemand, aNode } from "./testing.ts";

const allocatableMilli = 4_000;

const arrival = fc.record({
  declared: fc.integer({ min: 1, max: 150 }).map((tens) => tens * 10),
  shape: fc.constantFrom("plain", "guaranteed", "unlimited", "limits stay"),
  weight: fc.constantFrom(0.1, 1, 10),
});

/** Most sleep, some want more than the node has. */
const use = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 60 }), weight: 6 }, fc.integer({ min: 0, max: 3_000 }));
const useOverTime = fc.array(use, { minLength: 1, maxLength: 7 });

function podOf(
  index: number,
  { declared, shape, weight }: typeof arrival extends fc.Arbitrary<infer T> ? T : never,
): PodBidder {
  const limitMilli = shape === "unlimited" ? null : declared * (shape === "guaranteed" ? 1 : 2);
  return aBidder({
    uid: String(index),
    weight,
    qos: shape === "guaranteed" ? "Guaranteed" : "Burstable",
    requestsOnly: shape === "limits stay",
    containers: [
      aContainer({
        requestMilli: declared,
        limitMilli,
        declaredRequestMilli: declared,
        declaredLimitMilli: limitMilli,
      }),
    ],
  });
}

function requestOf({ containers }: PodBidder): number {
  return containers.reduce((sum, { requestMilli }) => sum + requestMilli, 0);
}

function declaredOf({ containers }: PodBidder): number {
  return containers.reduce((sum, { declaredRequestMilli }) => sum + declaredRequestMilli, 0);
}

function sumOf(pods: readonly PodBidder[], of: (pod: PodBidder) => number): number {
  return pods.reduce((sum, pod) => sum + of(pod), 0);
}

/** A round: cuts are applied, raises as far as there is room, as the actuator does. */
function afterRound(pods: readonly PodBidder[], uses: readonly number[], overbook: number): PodBidder[] {
  const policy = { ...defaultMarketPolicy, overbook };
  const asking = pods.map((pod, index) => {
    const milli = uses[index % uses.length] ?? 0;
    return { ...pod, containers: pod.containers.map((one) => ({ ...one, demand: aDemand(milli), habitMilli: milli })) };
  });
  const { targets } = decide(aNode(asking, { allocatableMilli }), policy, { nowMs: 0, elapsedSeconds: 1 });
  const wanted = new Map(targets.map(({ podUid, requestMilli }) => [podUid, requestMilli]));
  let free = allocatableMilli - sumOf(pods, (pod) => Math.min(requestOf(pod), wanted.get(pod.uid) ?? 0));
  return asking.map((pod) => {
    const target = wanted.get(pod.uid) ?? 0;
    const raise = Math.max(0, target - requestOf(pod));
    const requestMilli = raise <= free ? target : requestOf(pod);
    free -= raise <= free ? raise : 0;
    return { ...pod, containers: pod.containers.map((one) => ({ ...one, requestMilli })) };
  });
}

it("a scheduler that sells what requests leave free never sells more of what was declared than the bound allows", () => {
  let fullest = 0;
  fc.assert(
    fc.property(
      fc.array(arrival, { minLength: 1, maxLength: 60 }),
      fc.array(useOverTime, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(1, 1.5, 4, 10),
      (arrivals, rounds, overbook) => {
        let pods: PodBidder[] = [];
        arrivals.forEach((drawn, index) => {
          const pod = podOf(index, drawn);
          if (sumOf(pods, requestOf) + declaredOf(pod) <= allocatableMilli) pods.push(pod);
          pods = afterRound(pods, rounds[index % rounds.length] ?? [], overbook);
          for (const one of pods) expect(requestOf(one)).toBeGreaterThanOrEqual(declaredOf(one) / overbook - 1e-9);
          const sold = sumOf(pods, declaredOf);
          expect(sold).toBeLessThanOrEqual(overbook * allocatableMilli);
          fullest = Math.max(fullest, sold / allocatableMilli);
        });
      },
    ),
    { numRuns: 300 },
  );
  // The property would hold of a market that lends nothing.
  expect(fullest).toBeGreaterThan(2);
});

it("an overbooked node that wakes shares what there is, and takes nobody below the bound", () => {
  const pods = Array.from({ length: 8 }, (_, index) =>
    podOf(index, { declared: 1_000, shape: "plain", weight: index === 0 ? 0.1 : 10 }),
  );
  const policy = defaultMarketPolicy;
  const awake = pods.map((pod) => ({
    ...pod,
    containers: pod.containers.map((one) => ({ ...one, requestMilli: 250, demand: aDemand(900), habitMilli: 900 })),
  }));
  const { targets } = decide(aNode(awake, { allocatableMilli }), policy, { nowMs: 0, elapsedSeconds: 1 });
  const requests = targets.map(({ requestMilli }) => requestMilli);
  expect(requests.reduce((sum, milli) => sum + milli, 0)).toBeLessThanOrEqual(allocatableMilli);
  expect(Math.min(...requests)).toBe(250);
  expect(requests[0]).toBe(250);
});

it("a Guaranteed pod that uses more than it declared takes nothing that others declared and have not lent", () => {
  const greedy = podOf(0, { declared: 1_000, shape: "guaranteed", weight: 10 });
  const [one] = greedy.containers;
  const pods = [
    { ...greedy, containers: [{ ...one!, demand: aDemand(3_000), habitMilli: null }] },
    ...[1, 2, 3].map((index) => podOf(index, { declared: 1_000, shape: "plain", weight: 1 })),
  ].map((pod, index) =>
    index === 0
      ? pod
      : { ...pod, containers: pod.containers.map((c) => ({ ...c, demand: aDemand(20), habitMilli: null })) },
  );
  const { targets } = decide(aNode(pods, { allocatableMilli }), defaultMarketPolicy, { nowMs: 0, elapsedSeconds: 1 });
  expect(targets.map(({ requestMilli }) => requestMilli)).toEqual([1_000, 1_000, 1_000, 1_000]);
});

it("declared requests that fill a node are not trimmed for the reserve", () => {
  const pods = Array.from({ length: 4 }, (_, index) => podOf(index, { declared: 1_000, shape: "plain", weight: 1 }));
  const young = pods.map((pod) => ({
    ...pod,
    containers: pod.containers.map((one) => ({ ...one, demand: aDemand(20), habitMilli: null })),
  }));
  const { targets } = decide(aNode(young, { allocatableMilli }), defaultMarketPolicy, { nowMs: 0, elapsedSeconds: 1 });
  expect(targets.map(({ requestMilli }) => requestMilli)).toEqual([1_000, 1_000, 1_000, 1_000]);
});
