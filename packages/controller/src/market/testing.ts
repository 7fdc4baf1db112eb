import type { Demand, UsageSample } from "./demand.ts";
import { defaultMarketPolicy } from "./policy.ts";
import type { ContainerBidder, NodeSnapshot, PodBidder } from "./snapshot.ts";

/** A sample of a quiet container, for tests. */
export function aSample(part: Partial<UsageSample> = {}): UsageSample {
  return { atMs: 0, usageMilli: 100, throttledRatio: 0, throttledMilli: 0, pressureRatio: 0, quotaMilli: 200, ...part };
}

/** A settled belief in a steady demand, for tests. */
export function aDemand(milli: number, part: Partial<Demand> = {}): Demand {
  const sample = aSample({ usageMilli: milli });
  return {
    sample,
    wantedMilli: milli,
    peakMilli: milli,
    peakAtMs: 0,
    meanMilli: milli,
    margin: defaultMarketPolicy.minMargin,
    cut: null,
    holdUntilMs: 0,
    ...part,
  };
}

/** A container with a limit twice its request, for tests. */
export function aContainer(part: Partial<ContainerBidder> = {}): ContainerBidder {
  return {
    name: "app",
    requestMilli: 100,
    limitMilli: 200,
    declaredRequestMilli: 100,
    declaredLimitMilli: 200,
    demand: aDemand(100),
    ...part,
  };
}

/** A Burstable pod of one container, for tests. */
export function aBidder(part: Partial<PodBidder> = {}): PodBidder {
  return {
    uid: "pod",
    weight: 1,
    minMilli: null,
    maxMilli: null,
    credit: 0,
    qos: "Burstable",
    keepBelowLimit: false,
    requestsOnly: false,
    containers: [aContainer()],
    ...part,
  };
}

/** A node of 2 cores, for tests. */
export function aNode(pods: readonly PodBidder[], part: Partial<NodeSnapshot> = {}): NodeSnapshot {
  return { node: "node", allocatableMilli: 2000, unmanagedMilli: 0, pods, ...part };
}
