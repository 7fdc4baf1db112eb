import type { Clock } from "@walras/kit";

/** Values for some time, so many of them; the oldest give way. */
export class Memory<Value> {
  readonly #most: number;
  readonly #keepMs: number;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #values = new Map<string, { readonly value: Value; readonly sinceMs: number }>();

  constructor(most: number, keepMs: number, clock: Pick<Clock, "monotonicMs">) {
    this.#most = most;
    this.#keepMs = keepMs;
    this.#clock = clock;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    const known = this.#values.get(key);
    return known && this.#clock.monotonicMs() - known.sinceMs < this.#keepMs ? known.value : undefined;
  }

  set(key: string, value: Value): void {
    const nowMs = this.#clock.monotonicMs();
    this.#values.delete(key);
    this.#values.set(key, { value, sinceMs: nowMs });
    for (const [oldest, { sinceMs }] of this.#values) {
      if (this.#values.size <= this.#most && nowMs - sinceMs < this.#keepMs) break;
      this.#values.delete(oldest);
    }
  }
}
