import { type Clock, describeError, type Logger } from "@walras/kit";

import type { Tracks, Verdict } from "./tracks.ts";

/** Where verdicts are kept. */
export interface MemoryPort {
  /** Empty where none have been kept. */
  read(): Promise<readonly Verdict[]>;
  /** All there are: what is not among them is forgotten. */
  write(verdicts: readonly Verdict[]): Promise<void>;
}

/** After a write that failed. */
const againMs = 10_000;
/** Some 200 bytes each, in an object of at most 1 MiB. */
const mostVerdicts = 2_000;

/** Keeps what `tracks` holds against revisions; the newest where there is more than can be kept. */
export class Remembrance {
  readonly #port: MemoryPort;
  readonly #tracks: Tracks;
  readonly #around: { readonly clock: Clock; readonly logger: Logger };
  /** null: what is kept has not been read, and must not be written over. */
  #kept: string | null = null;
  #writing = false;
  #notBeforeMs = -Infinity;

  constructor(port: MemoryPort, tracks: Tracks, around: { readonly clock: Clock; readonly logger: Logger }) {
    this.#port = port;
    this.#tracks = tracks;
    this.#around = around;
  }

  /** What is kept, to be recalled. @throws what reading throws; nothing is known then */
  read(): Promise<readonly Verdict[]> {
    return this.#port.read();
  }

  recall(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) this.#tracks.recall(verdict);
    this.#kept = JSON.stringify(verdicts);
  }

  /** Writes what has changed. Cheap where nothing has; a write that fails is told and done again. */
  async keep(): Promise<void> {
    const { clock, logger } = this.#around;
    if (this.#kept === null || this.#writing || clock.monotonicMs() < this.#notBeforeMs) return;
    const verdicts = this.#tracks.verdicts(mostVerdicts);
    const text = JSON.stringify(verdicts);
    if (text === this.#kept) return;
    this.#writing = true;
    try {
      await this.#port.write(verdicts);
      this.#kept = text;
    } catch (error) {
      this.#notBeforeMs = clock.monotonicMs() + againMs;
      logger.warn(
        { error: describeError(error) },
        "condemned revisions cannot be kept: a new pod will not know of them",
      );
    } finally {
      this.#writing = false;
    }
  }
}

/** A memory that lasts as long as the process; for simulations and tests. */
export class ProcessMemory implements MemoryPort {
  verdicts: readonly Verdict[] = [];

  read(): Promise<readonly Verdict[]> {
    return Promise.resolve(this.verdicts);
  }

  write(verdicts: readonly Verdict[]): Promise<void> {
    this.verdicts = verdicts;
    return Promise.resolve();
  }
}
