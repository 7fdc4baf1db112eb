import { type SlotJob, takesSlot } from "./job.ts";

/** A slot promised to an owner: from the grant until a Job has taken it up, or until it has not in time. */
export interface Grant {
  readonly owner: string;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

/** The grants without the oldest one of `owner`, which a Job of it takes up. */
export function takeUp(grants: readonly Grant[], owner: string): readonly Grant[] {
  const oldest = grants.find((grant) => grant.owner === owner);
  return oldest ? grants.filter((grant) => grant !== oldest) : grants;
}

/** Jobs that take a slot, by owner. */
export function unfinishedByOwner(jobs: Iterable<SlotJob>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const job of jobs) if (takesSlot(job)) counts.set(job.owner, (counts.get(job.owner) ?? 0) + 1);
  return counts;
}
