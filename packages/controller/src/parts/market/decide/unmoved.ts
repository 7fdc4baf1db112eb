import { isFresh, isThrottled } from "./bid.ts";
import { ampleMilli } from "./limit.ts";
import type { MarketPolicy } from "./policy.ts";
import type { ContainerBidder, Demand, PodBidder } from "./snapshot.ts";

/** A move smaller than this share changes no request or limit: the least deadband is larger. */
const unmovedShare = 0.04;

/** A container as it was when it was last decided. */
export interface Decided {
  readonly pod: Pick<PodBidder, "qos" | "limits" | "requestsOnly">;
  readonly container: ContainerBidder;
}

/**
 * Whether a container asks for what it asked for, while its node has room: its use may go up and down, as long as neither the limit
 * nor the request that it would be given does.
 *
 * @param now what is believed after its newest sample
 */
export function isUnmoved(decided: Decided, now: Demand | undefined, policy: MarketPolicy, nowMs: number): boolean {
  const then = decided.container.demand;
  if (!then || !now) return then === now;
  if (!isFresh(now, policy, nowMs)) return false;
  if (isThrottled(then.sample, policy) || isThrottled(now.sample, policy)) return false;
  if (now.cut !== then.cut || now.holdUntilMs !== then.holdUntilMs) return false;
  return asksSameLimit(decided, then, now, policy) && asksSameRequest(decided, then, now);
}

function asksSameLimit({ pod, container }: Decided, then: Demand, now: Demand, policy: MarketPolicy): boolean {
  if (pod.requestsOnly || container.limitMilli === null) return true;
  const follows = pod.limits === "tight" || pod.qos === "Guaranteed";
  if (follows && !(isNear(then.peakMilli, now.peakMilli) && isNear(1 + then.margin, 1 + now.margin))) return false;
  if (then.surgeMilli === now.surgeMilli) return true;
  const ample = ({ surgeMilli }: Demand): number => ampleMilli(container.declaredLimitMilli ?? 0, surgeMilli, policy);
  return ample(then) === ample(now);
}

/** A habit moves with minutes and hours, and is looked at when all of the node is; who needs more of what it declared does not wait for that. */
function asksSameRequest({ container }: Decided, then: Demand, now: Demand): boolean {
  const { habitMilli, declaredRequestMilli, keepsRequest } = container;
  if (keepsRequest) return true;
  if (habitMilli !== null) return Math.min(declaredRequestMilli, now.meanMilli) <= (1 + unmovedShare) * habitMilli;
  const asked = ({ meanMilli }: Demand): number => Math.max(declaredRequestMilli, meanMilli);
  return isNear(asked(then), asked(now));
}

function isNear(then: number, now: number): boolean {
  return Math.abs(now - then) <= unmovedShare * then;
}
