import { isSteady, type UseBid } from "./bid.ts";
import { roundedUp } from "./granules.ts";
import type { MarketPolicy } from "./policy.ts";
import { leastGapMilli } from "./requests.ts";
import type { Binding, ContainerBidder, PodBidder } from "./snapshot.ts";

/** A limit, and what keeps it from being more. */
export interface Ceiling {
  readonly milli: number;
  readonly bounded: Extract<Binding, "MinCpu" | "MaxCpu"> | null;
}

/**
 * The limit of who has all it would use. Only CPU that is used is scarce, so
 * it costs nobody anything: limits may add up to more than the node.
 *
 * @param cpuMilli all of the node's CPU
 */
export function ceilingOf(bid: UseBid, cpuMilli: number, policy: MarketPolicy, nowMs: number): Ceiling {
  const { pod, share } = bid;
  const least = Math.max(leastLimitMilli(pod, policy), (pod.minMilli ?? 0) * share);
  const most = Math.max(leastLimitMilli(pod, policy), (pod.maxMilli ?? Infinity) * share);
  const aim = aimOf(bid, cpuMilli, policy, nowMs);
  const milli = roundedUp(Math.min(most, Math.max(least, aim)));
  if (aim > most) return { milli, bounded: "MaxCpu" };
  return { milli, bounded: aim < least ? "MinCpu" : null };
}

function aimOf({ pod, container }: UseBid, cpuMilli: number, policy: MarketPolicy, nowMs: number): number {
  const declaredMilli = container.declaredLimitMilli ?? 0;
  if (pod.qos === "Guaranteed") return Math.max(declaredMilli, tightMilli(container, policy, nowMs));
  if (pod.limits === "tight" && isSteady(pod, container, policy)) return tightMilli(container, policy, nowMs);
  const ample = ampleMilli(declaredMilli, container.demand?.surgeMilli ?? 0, policy);
  return Math.max(declaredMilli, Math.min(cpuMilli, Math.max(startsMilli(pod, container, cpuMilli, policy), ample)));
}

/** The declared limit times a power of the step, above the most that was needed lately: it seldom changes. */
export function ampleMilli(declaredLimitMilli: number, surgeMilli: number, policy: MarketPolicy): number {
  const base = Math.max(declaredLimitMilli, policy.idleLimitMilli);
  const aim = surgeMilli * policy.ampleFactor;
  if (aim <= base) return base;
  return base * policy.ampleStep ** Math.ceil(Math.log(aim / base) / Math.log(policy.ampleStep));
}

/** Headroom over recent peaks, and over a cut that was taken back. */
function tightMilli({ demand, limitMilli }: ContainerBidder, policy: MarketPolicy, nowMs: number): number {
  if (!demand) return policy.idleLimitMilli;
  const rollback = nowMs < demand.holdUntilMs ? (limitMilli ?? 0) : 0;
  const levelMilli = Math.max(demand.peakMilli, demand.wantedMilli);
  return Math.max(policy.idleLimitMilli, levelMilli * (1 + demand.margin), rollback);
}

/**
 * What begins goes on with the limit that it began with, and has the node's free CPU where that throttles it before it is Ready; all
 * for a bounded time. Kernel weights protect the others.
 */
function startsMilli(pod: PodBidder, container: ContainerBidder, cpuMilli: number, policy: MarketPolicy): number {
  const { demand, limitMilli } = container;
  if (!demand || demand.sample.atMs - demand.sinceMs >= policy.boostMs) return 0;
  if (!pod.ready && demand.surgeMilli > demand.sample.usageMilli) return cpuMilli;
  return isSteady(pod, container, policy) ? 0 : (limitMilli ?? 0);
}

/** A request of at least the minimum must fit below the limit. */
function leastLimitMilli(pod: PodBidder, policy: MarketPolicy): number {
  return policy.minMilli + leastGapMilli(pod);
}
