import { type Clock, sleep } from "@walras/kit";

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

/** KEDA polls no trigger more often than each second, unless it begins anew with the trigger's object. */
const tooSoonMs = 900;

/**
 * Answers both questions of one poll from one snapshot. KEDA multiplies them:
 * a value of 3 and an `active` of a moment later make no job at all.
 *
 * A poll that comes too soon after one that was told of jobs is answered when
 * it does no more. KEDA polls twice within 10 to 150 ms when a ScaledJob is
 * created, and then neither it nor we need have seen all that it has just
 * made: of three jobs it made four.
 */
export class PollSnapshots {
  readonly #answers: SlotAnswers;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  /** When each was last told of jobs, oldest first. */
  readonly #told = new Map<string, number>();
  /** What those will be answered that came too soon. */
  readonly #later = new Map<string, Promise<Snapshot>>();

  constructor(answers: SlotAnswers, clock: Clock) {
    this.#answers = answers;
    this.#clock = clock;
  }

  /**
   * @throws NotKnown as the answers do
   * @throws RangeError when the value counts nothing
   */
  async ask(ref: ScaledRef, question: Question): Promise<Snapshot> {
    const nowMs = this.#clock.monotonicMs();
    this.#forget(nowMs);
    const key = keyOf(ref);
    const kept = this.#kept.get(key);
    if (kept && kept.question !== question) {
      this.#kept.delete(key);
      return kept;
    }
    // Also where its time is over by now: whoever waits is told of the jobs first.
    const waiting = this.#later.get(key);
    if (waiting) return waiting;
    const toldMs = this.#told.get(key);
    if (toldMs === undefined) return this.#take(key, ref, question);
    const later = this.#takeLater(toldMs + tooSoonMs - nowMs, key, ref, question);
    this.#later.set(key, later);
    return later;
  }

  async #takeLater(delayMs: number, key: string, ref: ScaledRef, question: Question): Promise<Snapshot> {
    await sleep(this.#clock, delayMs);
    this.#later.delete(key);
    this.#told.delete(key);
    return this.#take(key, ref, question);
  }

  #take(key: string, ref: ScaledRef, question: Question): Snapshot {
    const nowMs = this.#clock.monotonicMs();
    this.#kept.delete(key);
    const { value, active } = this.#answers.poll(ref);
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is no number of jobs`);
    const taken = { value, active, takenMs: nowMs, question };
    putLast(this.#kept, key, taken);
    if (value > 0) putLast(this.#told, key, nowMs);
    return taken;
  }

  /** Oldest come first: those past their time are at the front. */
  #forget(nowMs: number): void {
    for (const [key, { takenMs }] of this.#kept) {
      if (nowMs - takenMs < pollMs) break;
      this.#kept.delete(key);
    }
    for (const [key, atMs] of this.#told) {
      if (nowMs - atMs < tooSoonMs) break;
      this.#told.delete(key);
    }
  }
}

function putLast<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (oldest !== undefined && map.size > scalerLimits.snapshots) map.delete(oldest);
}

/** One object may have several triggers; they differ in metadata. */
function keyOf({ namespace, name, metadata }: ScaledRef): string {
  return JSON.stringify([
    namespace,
    name,
    Object.entries(metadata).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ]);
}
