import type { MarketPolicy } from "./policy.ts";
import { granuleMilli } from "./round.ts";
import type { ContainerBidder, PodBidder } from "./snapshot.ts";

/** A container that is on the market: its demand is known. */
export interface LimitBid {
  readonly pod: PodBidder;
  readonly container: ContainerBidder;
  /** Its share of the pod's weight, times what credit makes of it. */
  readonly weight: number;
  readonly floorMilli: number;
  readonly capMilli: number;
  readonly bounded: "MinCpu" | "MaxCpu" | null;
}

/** A container whose demand is unknown: it keeps what it has, off the market. */
export interface Held {
  readonly pod: PodBidder;
  readonly container: ContainerBidder;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/** Whether there is a recent enough sample to bid on. */
export function isFresh(container: ContainerBidder, policy: MarketPolicy, nowMs: number): boolean {
  return container.demand !== undefined && nowMs - container.demand.sample.atMs <= policy.staleAfterMs;
}

/**
 * Unknown is not zero: without fresh telemetry a container keeps request and
 * limit, and once it is silent for long it is given at least what its owner
 * declared. It never shrinks.
 */
export function hold(pod: PodBidder, container: ContainerBidder, policy: MarketPolicy, nowMs: number): Held {
  const silentMs = container.demand ? nowMs - container.demand.sample.atMs : 0;
  const { requestMilli, limitMilli } = container;
  if (silentMs <= policy.forgetAfterMs) return { pod, container, requestMilli, limitMilli };
  return {
    pod,
    container,
    requestMilli: Math.max(requestMilli, container.declaredRequestMilli),
    limitMilli: limitMilli === null ? null : Math.max(limitMilli, container.declaredLimitMilli ?? 0),
  };
}

/** What the containers of one pod bid for their limits. */
export function limitBids(
  pod: PodBidder,
  containers: readonly ContainerBidder[],
  policy: MarketPolicy,
  nowMs: number,
): LimitBid[] {
  const needs = containers.map((container) => limitNeedMilli(container, policy, nowMs));
  const total = needs.reduce((sum, need) => sum + need, 0);
  return containers.map((container, index) => {
    const need = needs[index] ?? 0;
    return {
      pod,
      container,
      weight: (pod.weight * need) / total,
      ...bounds(pod, container, { milli: need, share: need / total }, policy),
    };
  });
}

function limitNeedMilli(container: ContainerBidder, policy: MarketPolicy, nowMs: number): number {
  const { demand } = container;
  if (!demand) return policy.idleLimitMilli;
  const need = Math.max(policy.idleLimitMilli, demand.peakMilli * (1 + demand.margin));
  const rollback = nowMs < demand.holdUntilMs ? (container.limitMilli ?? 0) : 0;
  return Math.max(need, rollback);
}

/**
 * The floor is the entitlement as far as it is needed: what the owner declared
 * as request is never bargained away from a container that uses it. A pod's
 * annotated bounds are shared among its containers by their need.
 */
function bounds(
  pod: PodBidder,
  container: ContainerBidder,
  need: { readonly milli: number; readonly share: number },
  policy: MarketPolicy,
): Pick<LimitBid, "floorMilli" | "capMilli" | "bounded"> {
  const least = Math.max(leastLimitMilli(pod, policy), (pod.minMilli ?? 0) * need.share);
  const most = Math.max(least, (pod.maxMilli ?? Infinity) * need.share);
  const capMilli = Math.min(most, Math.max(least, need.milli));
  const floorMilli = Math.min(capMilli, Math.max(least, Math.min(need.milli, container.declaredRequestMilli)));
  return { floorMilli, capMilli, bounded: boundedBy(need.milli, least, most) };
}

/** A request of at least the minimum must fit below the limit. */
function leastLimitMilli(pod: PodBidder, policy: MarketPolicy): number {
  return pod.keepBelowLimit ? policy.minMilli + granuleMilli : policy.minMilli;
}

function boundedBy(needMilli: number, least: number, most: number): LimitBid["bounded"] {
  if (needMilli > most) return "MaxCpu";
  return needMilli < least ? "MinCpu" : null;
}

/**
 * What a container bids for its request, knowing its limit: the mean need, at
 * most the limit.
 *
 * @param ceilingMilli the highest request its QoS class and limit allow
 */
export function requestBid(
  bid: LimitBid,
  ceilingMilli: number,
  policy: MarketPolicy,
): { floorMilli: number; capMilli: number } {
  const needMilli = Math.max(bid.container.demand?.meanMilli ?? 0, policy.minMilli);
  const least = bid.pod.minMilli === null ? policy.minMilli : bid.floorMilli;
  const capMilli = Math.min(ceilingMilli, Math.max(least, needMilli));
  return {
    floorMilli: Math.min(capMilli, Math.max(least, Math.min(needMilli, bid.container.declaredRequestMilli))),
    capMilli,
  };
}
