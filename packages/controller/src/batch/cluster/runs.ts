import { errorAt } from "@walras/kit";
import type { Store, StoreChange } from "@walras/kube";

import type { ScaledRef } from "../scaler/port.ts";
import type { BatchJob } from "./job.ts";

/**
 * How many of an owner's Jobs have run to their end, in success or failure:
 * counted as they finish, since KEDA deletes finished Jobs after a while. What
 * was deleted before this process began is not known.
 */
export class FinishedRuns {
  readonly #finished = new Map<string, Set<string>>();

  constructor(jobs: Store<BatchJob>) {
    jobs.onChange((change) => this.#hear(change));
  }

  count(owner: string): number {
    return this.#finished.get(owner)?.size ?? 0;
  }

  #hear({ item }: StoreChange<BatchJob>): void {
    if (!item.finished) return;
    const finished = this.#finished.get(item.owner) ?? new Set();
    this.#finished.set(item.owner, finished.add(item.uid));
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
