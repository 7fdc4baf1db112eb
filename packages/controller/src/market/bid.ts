import type { MarketPolicy } from "./policy.ts";
import { granuleMilli, roundedUp } from "./round.ts";
import type { ContainerBidder, PodBidder } from "./snapshot.ts";

/** A container that is on the market: its demand is known. */
export interface LimitBid {
  readonly pod: PodBidder;
  readonly container: ContainerBidder;
  /** Its share of the pod's weight, times what credit makes of it. */
  readonly weight: number;
  readonly floorMilli: number;
  /** What it would use now; more than this it would only hold. */
  readonly capMilli: number;
  /** Its limit where it gets its cap: headroom that it does not use costs nobody anything. */
  readonly roomMilli: number;
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

/** What the containers of one pod bid for. */
export function limitBids(
  pod: PodBidder,
  containers: readonly ContainerBidder[],
  policy: MarketPolicy,
  nowMs: number,
): LimitBid[] {
  const needs = containers.map(({ demand }) => Math.max(policy.minMilli, demand?.wantedMilli ?? 0));
  const total = needs.reduce((sum, need) => sum + need, 0);
  return containers.map((container, index) => {
    const milli = needs[index] ?? 0;
    const need = { milli, share: milli / total, roomMilli: roomMilli(container, policy, nowMs) };
    return { pod, container, weight: pod.weight * need.share, ...bounds(pod, container, need, policy) };
  });
}

/** The limit that leaves headroom over recent peaks, and over a cut that was taken back. */
function roomMilli({ demand, limitMilli }: ContainerBidder, policy: MarketPolicy, nowMs: number): number {
  if (!demand) return policy.idleLimitMilli;
  const rollback = nowMs < demand.holdUntilMs ? (limitMilli ?? 0) : 0;
  const levelMilli = Math.max(demand.peakMilli, demand.wantedMilli);
  return Math.max(policy.idleLimitMilli, levelMilli * (1 + demand.margin), rollback);
}

/**
 * The floor is the entitlement as far as it is needed: what the owner declared
 * as request is never bargained away from a container that uses it. A pod's
 * annotated bounds are shared among its containers by their need.
 */
function bounds(
  pod: PodBidder,
  container: ContainerBidder,
  need: { readonly milli: number; readonly share: number; readonly roomMilli: number },
  policy: MarketPolicy,
): Pick<LimitBid, "floorMilli" | "capMilli" | "roomMilli" | "bounded"> {
  const least = Math.max(leastLimitMilli(pod, policy), (pod.minMilli ?? 0) * need.share);
  const most = Math.max(least, (pod.maxMilli ?? Infinity) * need.share);
  const within = (milli: number): number => Math.min(most, Math.max(least, milli));
  const capMilli = within(need.milli);
  const floorMilli = Math.min(capMilli, Math.max(least, Math.min(need.milli, container.declaredRequestMilli)));
  return { floorMilli, capMilli, roomMilli: within(need.roomMilli), bounded: boundedBy(need, least, most) };
}

/** A request of at least the minimum must fit below the limit. */
function leastLimitMilli(pod: PodBidder, policy: MarketPolicy): number {
  return pod.keepBelowLimit ? policy.minMilli + granuleMilli : policy.minMilli;
}

function boundedBy(
  need: { readonly milli: number; readonly roomMilli: number },
  least: number,
  most: number,
): LimitBid["bounded"] {
  if (need.roomMilli > most) return "MaxCpu";
  return need.roomMilli < least ? "MinCpu" : null;
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
  const needMilli = roundedUp(Math.max(bid.container.demand?.meanMilli ?? 0, policy.minMilli));
  const least = bid.pod.minMilli === null ? policy.minMilli : bid.floorMilli;
  const capMilli = Math.min(ceilingMilli, Math.max(least, needMilli));
  return {
    floorMilli: Math.min(capMilli, Math.max(least, Math.min(needMilli, bid.container.declaredRequestMilli))),
    capMilli,
  };
}
