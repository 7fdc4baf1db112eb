import type { Logger } from "@walras/kit";

import type { TroubleObserver } from "./containerSampler.ts";

/** Complaints beyond so many different ones are counted only. */
const mostRemembered = 200;

/** Logs each complaint once and counts all of them: a file that stays wrong is wrong every second. */
export class TroubleLog implements TroubleObserver {
  readonly #logger: Logger;
  readonly #known = new Set<string>();
  #count = 0;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** How often anything could not be read since the start. */
  get count(): number {
    return this.#count;
  }

  unreadable(complaint: string): void {
    this.#count += 1;
    if (this.#known.has(complaint) || this.#known.size >= mostRemembered) return;
    this.#known.add(complaint);
    this.#logger.warn({ complaint, count: this.#count }, "kernel file left out");
  }
}
