import { errorAt } from "@walras/kit";
import type { Store, StoreChange } from "@walras/kube";

import type { ScaledRef } from "../../decide/asker.ts";
import type { BatchJob } from "./job.ts";

/** Runs of one ScaledJob: those whose Jobs are gone by number, the others by UID. */
interface Tally {
  gone: number;
  readonly present: Set<string>;
}

/**
 * How many of a ScaledJob's Jobs have run to their end, in success or failure:
 * counted as they finish, since KEDA deletes finished Jobs after a while. What
 * was deleted before this process began is not known.
 */
export class FinishedRuns {
  /** By the owner's name, then by its UID: one that is made anew begins at zero. */
  readonly #owners = new Map<string, Map<string, Tally>>();

  constructor(jobs: Store<BatchJob>) {
    jobs.onChange((change) => this.#hear(change));
  }

  /** @param ownerUid undefined while it is not known which of that name is meant: the most that any had */
  count(owner: string, ownerUid: string | undefined): number {
    const tallies = this.#owners.get(owner) ?? new Map<string, Tally>();
    const meant = ownerUid === undefined ? [...tallies.values()] : [tallies.get(ownerUid)];
    return Math.max(0, ...meant.map((tally) => (tally ? tally.gone + tally.present.size : 0)));
  }

  #hear({ type, item }: StoreChange<BatchJob>): void {
    if (!item.finished) return;
    const tally = this.#tallyOf(item);
    if (type !== "deleted") {
      tally.present.add(item.uid);
      return;
    }
    tally.present.delete(item.uid);
    tally.gone += 1;
  }

  #tallyOf({ owner, ownerUid }: BatchJob): Tally {
    const tallies = this.#owners.get(owner) ?? new Map<string, Tally>();
    this.#owners.set(owner, tallies);
    const tally = tallies.get(ownerUid) ?? { gone: 0, present: new Set() };
    tallies.set(ownerUid, tally);
    return tally;
  }
}

/**
 * The trigger's `completions`: so many runs and no more.
 *
 * @returns null where it names none
 * @throws FieldError naming the value
 */
export function completionsOf({ metadata }: ScaledRef): number | null {
  const text = metadata["completions"];
  if (text === undefined) return null;
  if (!/^\d+$/.test(text)) throw errorAt("metadata.completions", text, "is not a count");
  return Number(text);
}
