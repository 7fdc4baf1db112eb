import type { MarketPolicy } from "./policy.ts";
import type { ContainerBidder, Demand, PodBidder, UsageSample } from "./snapshot.ts";

/** A container that is on the market: its demand is known. */
export interface UseBid {
  readonly pod: PodBidder;
  readonly container: ContainerBidder;
  /** Its share of the pod's weight, times what credit makes of it. */
  readonly weight: number;
  /** Its part of the pod's need: bounds of the pod are shared by it. */
  readonly share: number;
  /** The guarantee: what it needs of the request its owner declared. */
  readonly floorMilli: number;
  /** What it would use now; more than this it would only hold. */
  readonly capMilli: number;
}

/** A container whose demand is unknown: it keeps what it has, off the market. */
export interface Held {
  readonly pod: PodBidder;
  readonly container: ContainerBidder;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/** Whether there is a recent enough sample to bid on. */
export function isFresh(demand: Demand | undefined, policy: MarketPolicy, nowMs: number): demand is Demand {
  return demand !== undefined && nowMs - demand.sample.atMs <= policy.staleAfterMs;
}

/** Whether it is stopped by its quota more often than is accepted. */
export function isThrottled({ throttledRatio }: UsageSample, policy: MarketPolicy): boolean {
  return (throttledRatio ?? 0) > policy.targetThrottledRatio;
}

/** A beginning is not a habit: nothing is cut before Ready and a minute of samples, a restart's included. */
export function isSteady({ ready }: PodBidder, { demand }: ContainerBidder, policy: MarketPolicy): boolean {
  return ready && demand !== undefined && demand.sample.atMs - demand.sinceMs >= policy.steadyAfterMs;
}

/**
 * Unknown is not zero: without fresh telemetry a container keeps request and
 * limit, and once it is silent for long it is given at least what its owner
 * declared. One that was never heard of is silent since it is known. It never
 * shrinks.
 */
export function hold(pod: PodBidder, container: ContainerBidder, policy: MarketPolicy, nowMs: number): Held {
  const silentMs = nowMs - (container.demand?.sample.atMs ?? container.sinceMs ?? nowMs);
  const { requestMilli, limitMilli } = container;
  if (silentMs <= policy.forgetAfterMs) return { pod, container, requestMilli, limitMilli };
  return {
    pod,
    container,
    requestMilli: Math.max(requestMilli, container.declaredRequestMilli),
    limitMilli: limitMilli === null ? null : Math.max(limitMilli, container.declaredLimitMilli ?? 0),
  };
}

/**
 * What the containers of one pod bid for. Entitlement comes before weight: what
 * the owner declared as request is never bargained away from a container that
 * uses it. An annotated minimum is no part of it, so that nobody's annotation
 * takes another's guarantee.
 *
 * @param usedUp whether the node has no CPU left
 */
export function useBids(
  pod: PodBidder,
  containers: readonly ContainerBidder[],
  policy: MarketPolicy,
  usedUp: boolean,
): UseBid[] {
  const needs = containers.map((container) => needMilli(container, policy, usedUp));
  const total = needs.reduce((sum, need) => sum + need, 0);
  return containers.map((container, index) => {
    const need = needs[index] ?? 0;
    const share = need / total;
    const capMilli = Math.min(need, Math.max(policy.minMilli, (pod.maxMilli ?? Infinity) * share));
    const floorMilli = Math.min(capMilli, Math.max(policy.minMilli, container.declaredRequestMilli));
    return { pod, container, share, weight: pod.weight * share, floorMilli, capMilli };
  });
}

/** On a node that is used up, use is what others have left of need; pressure tells how much is lacking. */
function needMilli({ demand }: ContainerBidder, policy: MarketPolicy, usedUp: boolean): number {
  if (!demand) return policy.minMilli;
  const { wantedMilli, sample } = demand;
  if (!usedUp || isThrottled(sample, policy)) return Math.max(policy.minMilli, wantedMilli);
  const lacking = policy.contendedGrowth * (sample.pressureRatio ?? unknownPressure);
  return Math.max(policy.minMilli, wantedMilli * (1 + lacking));
}

/** Where the kernel does not tell, so much is tried: who does not use it loses it in the next round. */
const unknownPressure = 1;
