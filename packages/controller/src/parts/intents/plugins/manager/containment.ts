import { Backoff, type Clock, type Rng } from "@walras/kit";

import { pluginLimits } from "../limits.ts";

/** Keeps away from whoever has failed, each time for longer, until a call succeeds. */
export class Containment {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  #reason: string | null = null;
  #untilMs = -Infinity;

  constructor(clock: Clock, rng: Rng) {
    this.#clock = clock;
    this.#backoff = new Backoff(pluginLimits.backoff, rng);
  }

  /** Of the last call; null: it succeeded. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Why it is not to be called now; null: it may be. */
  refusal(): string | null {
    const leftMs = this.#untilMs - this.#clock.monotonicMs();
    return leftMs > 0 ? `is left alone for ${Math.ceil(leftMs / 1000)} s more: ${this.#reason}` : null;
  }

  failed(reason: string): void {
    this.#reason = reason;
    this.#untilMs = this.#clock.monotonicMs() + this.#backoff.nextMs();
  }

  succeeded(): void {
    this.#reason = null;
    this.#untilMs = -Infinity;
    this.#backoff.reset();
  }
}
