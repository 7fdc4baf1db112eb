import { isFresh, isThrottled } from "./bid.ts";
import type { MarketPolicy } from "./policy.ts";
import type { Demand } from "./snapshot.ts";

/** A move smaller than this share changes no request or limit: the least deadband is larger. */
const unmovedShare = 0.04;

/**
 * Whether a container asks for what it asked for, while its node has room: its use may go up and down, as long as nothing that a
 * request or a limit follows does.
 *
 * @param then what was believed when it was last decided
 * @param now what is believed after its newest sample
 */
export function isUnmoved(
  then: Demand | undefined,
  now: Demand | undefined,
  policy: MarketPolicy,
  nowMs: number,
): boolean {
  if (!then || !now) return then === now;
  if (!isFresh(now, policy, nowMs)) return false;
  if (isThrottled(then.sample, policy) || isThrottled(now.sample, policy)) return false;
  return now.cut === then.cut && now.holdUntilMs === then.holdUntilMs && isSameLevel(then, now);
}

function isSameLevel(then: Demand, now: Demand): boolean {
  return (
    isNear(then.surgeMilli, now.surgeMilli) &&
    isNear(then.peakMilli, now.peakMilli) &&
    isNear(then.meanMilli, now.meanMilli) &&
    isNear(1 + then.margin, 1 + now.margin)
  );
}

function isNear(then: number, now: number): boolean {
  return Math.abs(now - then) <= unmovedShare * then;
}
