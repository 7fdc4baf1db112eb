import { type Clock, describeError, type Logger } from "@walras/kit";

/** While nothing is remembered it is tried so often. */
const againMs = 5_000;

/** What earlier processes have left: read until it has been, since whoever does not know it might do something twice. */
export class Recollection {
  readonly #remember: () => Promise<void>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #trouble: string | null = "not read yet";
  #attempt: Promise<void> | undefined;
  #attemptedMs = -Infinity;

  /** @param remember rejects where it cannot be read; nothing is remembered then */
  constructor(remember: () => Promise<void>, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#remember = remember;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Why nothing is known of earlier releases; null: it is. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Tries where that is due, one at a time. Never throws. @returns whether it has been read just now */
  async attempt(): Promise<boolean> {
    if (this.#trouble === null) return false;
    this.#attempt ??= this.#try().finally(() => (this.#attempt = undefined));
    await this.#attempt;
    return this.#trouble === null;
  }

  async #try(): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#attemptedMs < againMs) return;
    this.#attemptedMs = nowMs;
    const before = this.#trouble;
    try {
      await this.#remember();
      this.#trouble = null;
    } catch (error) {
      this.#trouble = describeError(error);
      if (this.#trouble === before) return;
      this.#logger.error({ error: this.#trouble }, "nothing is released until it is known what was: read again soon");
    }
  }
}
