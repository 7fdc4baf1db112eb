import { isFresh } from "./bid.ts";
import type { MarketPolicy } from "./policy.ts";
import type { RequestRoom } from "./requests.ts";
import type { NodeSnapshot, PodBidder } from "./snapshot.ts";

/**
 * What requests of bidders may add up to: live allocatable less what others
 * were promised.
 *
 * @param keptMilli what bidders and silent containers keep in any case
 */
export function promisable(snapshot: NodeSnapshot, keptMilli: number, policy: MarketPolicy): RequestRoom {
  const { allocatableMilli, promisedMilli, beside } = snapshot;
  const takenMilli = promisedMilli + keptMilli + (beside?.requestMilli ?? 0);
  const left = (milli: number): number => Math.max(0, Math.floor(milli - takenMilli));
  return { allMilli: left(allocatableMilli), openMilli: left(allocatableMilli * (1 - policy.reserveFraction)) };
}

/** What bidders may use. */
export interface Usable {
  readonly milli: number;
  /** What of it nobody uses. */
  readonly idleMilli: number;
  /** Nearly nothing is left. */
  readonly usedUp: boolean;
}

/**
 * All CPU of the node less what everybody else is measured to use: only CPU
 * that is used is scarce, and requests of others are promises, not use. Where
 * bidders use more than that already, it is what they use: a ration would not
 * give it to the others.
 *
 * @returns null while it is not known
 */
export function usable(snapshot: NodeSnapshot, policy: MarketPolicy, nowMs: number): Usable | null {
  const { cpuMilli, othersMilli, pods, beside } = snapshot;
  if (othersMilli === null) return null;
  const used = Math.floor(usedMilli(pods, policy, nowMs) + (beside?.capMilli ?? 0));
  const milli = Math.max(used, Math.floor(cpuMilli - othersMilli));
  const idleMilli = milli - used;
  return { milli, idleMilli, usedUp: idleMilli <= cpuMilli * policy.reserveFraction };
}

/** What bidders use, as far as it is known. */
export function usedMilli(pods: readonly PodBidder[], policy: MarketPolicy, nowMs: number): number {
  let used = 0;
  for (const { containers } of pods)
    for (const { demand } of containers) if (isFresh(demand, policy, nowMs)) used += demand.sample.usageMilli;
  return used;
}
