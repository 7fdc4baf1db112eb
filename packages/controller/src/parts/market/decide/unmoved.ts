import { isFresh, isThrottled } from "./bid.ts";
import { ampleMilli } from "./limit.ts";
import type { MarketPolicy } from "./policy.ts";
import type { ContainerBidder, Demand, PodBidder } from "./snapshot.ts";

/** A move smaller than this share changes no request or limit: the least deadband is larger. */
const unmovedShare = 0.04;

/** What of a belief tells what is asked for. */
interface Asked extends Pick<Demand, "surgeMilli" | "peakMilli" | "meanMilli" | "margin" | "cut" | "holdUntilMs"> {
  readonly throttled: boolean;
}

/** What is kept of a container as it was decided: what is believed of it changes with the next report. */
export interface Decided extends Pick<ContainerBidder, "declaredRequestMilli" | "habitMilli"> {
  /** What its limit follows. */
  readonly follows: "nothing" | "surge" | "use";
  readonly declaredLimitMilli: number;
  readonly keepsRequest: boolean;
  /** undefined: nothing was believed of it */
  readonly asked: Asked | undefined;
}

/** A container as it has just been decided. */
export function decidedOf(pod: PodBidder, container: ContainerBidder, policy: MarketPolicy): Decided {
  const { declaredRequestMilli, declaredLimitMilli, habitMilli, keepsRequest, demand } = container;
  return {
    follows: followed(pod, container),
    declaredRequestMilli,
    declaredLimitMilli: declaredLimitMilli ?? 0,
    habitMilli,
    keepsRequest: keepsRequest === true,
    asked: demand && askedBy(demand, policy),
  };
}

function followed(pod: PodBidder, { limitMilli }: ContainerBidder): Decided["follows"] {
  if (pod.requestsOnly || limitMilli === null) return "nothing";
  return pod.limits === "tight" || pod.qos === "Guaranteed" ? "use" : "surge";
}

function askedBy(demand: Demand, policy: MarketPolicy): Asked {
  const { surgeMilli, peakMilli, meanMilli, margin, cut, holdUntilMs, sample } = demand;
  return { surgeMilli, peakMilli, meanMilli, margin, cut, holdUntilMs, throttled: isThrottled(sample, policy) };
}

/**
 * Whether a container asks for what it asked for, while its node has room: its use may go up and down, as long as neither the limit
 * nor the request that it would be given does.
 *
 * @param now what is believed after its newest sample
 */
export function isUnmoved(decided: Decided, now: Demand | undefined, policy: MarketPolicy, nowMs: number): boolean {
  const { asked } = decided;
  if (!asked || !now) return asked === now;
  if (!isFresh(now, policy, nowMs)) return false;
  if (asked.throttled || isThrottled(now.sample, policy)) return false;
  if (now.cut !== asked.cut || now.holdUntilMs !== asked.holdUntilMs) return false;
  return asksSameLimit(decided, asked, now, policy) && asksSameRequest(decided, asked, now);
}

function asksSameLimit(decided: Decided, then: Asked, now: Demand, policy: MarketPolicy): boolean {
  const { follows, declaredLimitMilli } = decided;
  if (follows === "nothing") return true;
  if (follows === "use" && !(isNear(then.peakMilli, now.peakMilli) && isNear(1 + then.margin, 1 + now.margin)))
    return false;
  if (then.surgeMilli === now.surgeMilli) return true;
  return (
    ampleMilli(declaredLimitMilli, then.surgeMilli, policy) === ampleMilli(declaredLimitMilli, now.surgeMilli, policy)
  );
}

/** A habit moves with minutes and hours, and is looked at when all of the node is; who needs more of what it declared does not wait for that. */
function asksSameRequest(decided: Decided, then: Asked, now: Demand): boolean {
  const { habitMilli, declaredRequestMilli, keepsRequest } = decided;
  if (keepsRequest) return true;
  if (habitMilli !== null) return Math.min(declaredRequestMilli, now.meanMilli) <= (1 + unmovedShare) * habitMilli;
  const asked = (meanMilli: number): number => Math.max(declaredRequestMilli, meanMilli);
  return isNear(asked(then.meanMilli), asked(now.meanMilli));
}

function isNear(then: number, now: number): boolean {
  return Math.abs(now - then) <= unmovedShare * then;
}
