import type { Clock } from "@walras/kit";

import { scalerLimits } from "./limits.ts";
import type { SlotAnswers } from "./port.ts";
import type { ScaledRef } from "../decide/asker.ts";

/** What KEDA asks in one poll: first the value, then whether there is anything to do. */
export type Question = "value" | "active";

export interface Snapshot {
  readonly value: number;
  readonly active: boolean;
}

interface Kept extends Snapshot {
  readonly takenMs: number;
  readonly question: Question;
}

/** KEDA asks both questions within milliseconds; a later question is of another poll. */
const pollMs = 1500;

/**
 * Answers both questions of one poll from one snapshot. KEDA multiplies them:
 * a value of 3 and an `active` of a moment later make no job at all.
 */
export class PollSnapshots {
  readonly #answers: SlotAnswers;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(answers: SlotAnswers, clock: Clock) {
    this.#answers = answers;
    this.#clock = clock;
  }

  /**
   * @throws NotKnown as the answers do
   * @throws RangeError when the value counts nothing
   */
  ask(ref: ScaledRef, question: Question): Snapshot {
    const nowMs = this.#clock.monotonicMs();
    this.#forget(nowMs);
    const key = keyOf(ref);
    const kept = this.#kept.get(key);
    this.#kept.delete(key);
    if (kept && kept.question !== question) return kept;
    const { value, active } = this.#answers.poll(ref);
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is no number of jobs`);
    const taken = { value, active, takenMs: nowMs, question };
    this.#kept.set(key, taken);
    if (this.#kept.size > scalerLimits.snapshots) this.#forgetOldest();
    return taken;
  }

  #forgetOldest(): void {
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Oldest come first: those past their poll are at the front. */
  #forget(nowMs: number): void {
    for (const [key, { takenMs }] of this.#kept) {
      if (nowMs - takenMs < pollMs) return;
      this.#kept.delete(key);
    }
  }
}

/** One object may have several triggers; they differ in metadata. */
function keyOf({ namespace, name, metadata }: ScaledRef): string {
  return JSON.stringify([
    namespace,
    name,
    Object.entries(metadata).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ]);
}
