import type { Clock } from "@walras/kit";

import { opsLimits } from "../bounds/opsLimits.ts";

/** A text that many may ask for: rendered once in a while, and the same bytes for all. */
export class Rendered {
  readonly #render: () => string | Promise<string>;
  readonly #clock: Clock;
  #bytes: Promise<Buffer> | undefined;
  #renderedMs = -Infinity;

  constructor(render: () => string | Promise<string>, clock: Clock) {
    this.#render = render;
    this.#clock = clock;
  }

  /** @throws whatever the rendering throws */
  read(): Promise<Buffer> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#bytes && nowMs - this.#renderedMs < opsLimits.renderMs) return this.#bytes;
    this.#renderedMs = nowMs;
    this.#bytes = this.#renderNow();
    return this.#bytes;
  }

  async #renderNow(): Promise<Buffer> {
    return Buffer.from(await this.#render());
  }
}
