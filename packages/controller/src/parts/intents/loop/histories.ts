import type { IntentHistory, Moment, Wish } from "../decide/snapshot.ts";
import { mostLoads } from "../models/demand.ts";

/** More than a window has at the shortest interval that may be set. */
const mostWishes = 1_000;

/** What was done for an intent by somebody before us, as far as it is known. */
export interface Recalled {
  readonly grownAtMs: number | null;
  readonly shrunkAtMs: number | null;
}

/** What was wished and done for each intent, within the stabilisation window. */
export class Histories {
  readonly #windowMs: number;
  readonly #kept = new Map<string, IntentHistory>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  has(intent: string): boolean {
    return this.#kept.has(intent);
  }

  /** One that was not known begins now: nothing is taken before a whole window has passed. */
  of(intent: string, nowMs: number): IntentHistory {
    const known = this.#kept.get(intent) ?? {
      grownAtMs: null,
      shrunkAtMs: null,
      sinceMs: nowMs,
      wishes: [],
      moments: [],
    };
    this.#kept.set(intent, known);
    return known;
  }

  recall(intent: string, recalled: Recalled, nowMs: number): void {
    this.#kept.set(intent, { ...this.of(intent, nowMs), ...recalled });
  }

  wished(intent: string, wish: Wish): void {
    const { wishes, ...rest } = this.of(intent, wish.atMs);
    const within = wishes.filter(({ atMs }) => atMs >= wish.atMs - this.#windowMs);
    this.#kept.set(intent, { ...rest, wishes: [...within, wish].slice(-mostWishes) });
  }

  saw(intent: string, moment: Moment): void {
    const history = this.of(intent, moment.atMs);
    this.#kept.set(intent, { ...history, moments: [...history.moments, moment].slice(-mostLoads) });
  }

  /** A gap in what is known: whether less would have been enough then, nobody knows. */
  unknown(intent: string, nowMs: number): void {
    this.#kept.set(intent, { ...this.of(intent, nowMs), sinceMs: nowMs, wishes: [] });
  }

  acted(
    intent: string,
    { grows, shrinks }: { readonly grows: boolean; readonly shrinks: boolean },
    nowMs: number,
  ): void {
    const history = this.of(intent, nowMs);
    this.#kept.set(intent, {
      ...history,
      ...(grows ? { grownAtMs: nowMs } : {}),
      ...(shrinks ? { shrunkAtMs: nowMs } : {}),
    });
  }

  /** Of intents that are gone nothing is kept. */
  keepOnly(intents: ReadonlySet<string>): void {
    for (const intent of this.#kept.keys()) if (!intents.has(intent)) this.#kept.delete(intent);
  }
}
