import { describeError, type Logger } from "@walras/kit";

/** What is under way and nobody waits for; what fails is told. */
export class Errands {
  readonly #logger: Logger;
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** @param app whose it is, by its "namespace/name" */
  run(app: string, errand: (signal: AbortSignal) => Promise<unknown>): void {
    const running = errand(this.#abort.signal)
      .then(() => undefined)
      .catch((error: unknown) => this.#logger.warn({ app, error: describeError(error) }, "not answered"))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.allSettled(this.#running);
  }
}
