import { defaultMarketPolicy } from "./policy.ts";
import type { ContainerBidder, Demand, NodeSnapshot, PodBidder, UsageSample } from "./snapshot.ts";

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
    sinceMs: -3_600_000,
    surgeMilli: milli,
    surgeAtMs: 0,
    peakMilli: milli,
    peakAtMs: 0,
    meanMilli: milli,
    margin: defaultMarketPolicy.minMargin,
    cut: null,
    holdUntilMs: 0,
    ...part,
  };
}

/** A container with a limit twice its request, of which no habit is known, for tests. */
export function aContainer(part: Partial<ContainerBidder> = {}): ContainerBidder {
  return {
    name: "app",
    requestMilli: 100,
    limitMilli: 200,
    declaredRequestMilli: 100,
    declaredLimitMilli: 200,
    rationed: false,
    demand: aDemand(100),
    habitMilli: null,
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
    limits: "ample",
    ready: true,
    containers: [aContainer()],
    ...part,
  };
}

/** A node of 2 cores on which nobody else runs, and whose CPU has long been scarce if it is, for tests. */
export function aNode(pods: readonly PodBidder[], part: Partial<NodeSnapshot> = {}): NodeSnapshot {
  const { allocatableMilli = 2000, cpuMilli = allocatableMilli } = part;
  const long = { scarceSinceMs: -60_000, othersMilli: 0, promisedMilli: 0 };
  return { node: "node", allocatableMilli, cpuMilli, ...long, pods, ...part };
}
