import { describeError } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** A part that runs until stopped. `start` returns when the part is ready. */
export interface Runnable {
  readonly name: string;
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
}

/**
 * Starts parts in the order given and stops them in reverse. If one fails to
 * start, those already started are stopped and the failure is thrown.
 */
export class Lifecycle {
  readonly #parts: readonly Runnable[];
  readonly #logger: Logger;
  #started: Runnable[] = [];

  constructor(parts: readonly Runnable[], logger: Logger) {
    this.#parts = parts;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    for (const part of this.#parts) {
      try {
        await part.start();
      } catch (cause) {
        await this.stop();
        throw new Error(`${part.name} did not start`, { cause });
      }
      this.#started.push(part);
    }
  }

  async stop(): Promise<void> {
    for (const part of this.#started.splice(0).toReversed()) {
      try {
        await part.stop();
      } catch (error) {
        this.#logger.error({ part: part.name, error: describeError(error) }, "part did not stop cleanly");
      }
    }
  }
}
