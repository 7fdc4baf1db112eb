import type { Clock } from "@walras/kit";

interface Entry {
  failures: number;
  /** Monotonic milliseconds, before which it has no turn. */
  notBeforeMs: number;
  /** Since when nothing has changed that could help it; null: something has. */
  parkedAtMs: number | null;
}

/** kube-scheduler's: from one second, doubled, to ten. */
const firstMs = 1_000;
const mostMs = 10_000;
/** Whatever was missed, nobody waits for longer. */
const parkedMs = 300_000;

/** How many pods wait for what. */
export interface QueueCounts {
  readonly active: number;
  readonly backoff: number;
  readonly unschedulable: number;
}

/** Whose turn it is: those who failed wait for a change that may help them, and in any case for a while. */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isReady(uid: string): boolean {
    return this.#stateOf(uid) === "active";
  }

  /** It has no place, and will have none until something changes. */
  unschedulable(uid: string): void {
    this.#failed(uid, this.#clock.monotonicMs());
  }

  /** It was to have one, and that was refused: the next try is a matter of time alone. */
  refused(uid: string): void {
    this.#failed(uid, null);
  }

  /** Something changed that may help. */
  wake(): void {
    for (const entry of this.#entries.values()) entry.parkedAtMs = null;
  }

  /** Forgets all but those who wait. */
  keep(waiting: ReadonlySet<string>): void {
    for (const uid of this.#entries.keys()) if (!waiting.has(uid)) this.#entries.delete(uid);
  }

  counts(waiting: Iterable<string>): QueueCounts {
    const counts = { active: 0, backoff: 0, unschedulable: 0 };
    for (const uid of waiting) counts[this.#stateOf(uid)] += 1;
    return counts;
  }

  #failed(uid: string, parkedAtMs: number | null): void {
    const failures = (this.#entries.get(uid)?.failures ?? 0) + 1;
    const pauseMs = Math.min(mostMs, firstMs * 2 ** Math.min(10, failures - 1));
    this.#entries.set(uid, { failures, notBeforeMs: this.#clock.monotonicMs() + pauseMs, parkedAtMs });
  }

  #stateOf(uid: string): keyof QueueCounts {
    const entry = this.#entries.get(uid);
    const nowMs = this.#clock.monotonicMs();
    if (!entry) return "active";
    if (entry.parkedAtMs !== null && nowMs - entry.parkedAtMs < parkedMs) return "unschedulable";
    return nowMs < entry.notBeforeMs ? "backoff" : "active";
  }
}
