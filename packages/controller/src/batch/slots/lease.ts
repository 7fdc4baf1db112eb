import { type SlotJob, takesSlot } from "./job.ts";

/** A slot promised to an owner: from the grant until a Job has taken it up, or until it has not in time. */
export interface Grant {
  readonly owner: string;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

/**
 * Grants that are still open: each Job that has appeared since takes up the
 * oldest grant of its owner, and old ones lapse.
 *
 * @param appeared owners of Jobs seen for the first time, once for each Job
 */
export function openGrants(
  grants: readonly Grant[],
  appeared: readonly string[],
  { nowMs, grantMs }: { readonly nowMs: number; readonly grantMs: number },
): readonly Grant[] {
  const taken = new Map<string, number>();
  for (const owner of appeared) taken.set(owner, (taken.get(owner) ?? 0) + 1);
  return grants.filter(({ owner, atMs }) => {
    const left = taken.get(owner) ?? 0;
    if (left > 0) taken.set(owner, left - 1);
    return left === 0 && nowMs - atMs < grantMs;
  });
}

/** Jobs that take a slot, by owner. */
export function unfinishedByOwner(jobs: Iterable<SlotJob>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const job of jobs) if (takesSlot(job)) counts.set(job.owner, (counts.get(job.owner) ?? 0) + 1);
  return counts;
}
