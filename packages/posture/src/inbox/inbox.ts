import { type Clock, sleep } from "@walras/kit";

/** A picture as it came from the broker. */
export interface Picture {
  /** Who sent it: the topic without what all of them have in common. */
  readonly piId: string;
  readonly topic: string;
  readonly receivedAtMs: number;
  /** Encoded; shared with the workers, not copied to each. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** The newest pictures that nobody has taken yet; who is slow loses the oldest. */
export class Inbox {
  readonly #most: number;
  readonly #clock: Clock;
  readonly #pictures: Picture[] = [];
  #arrived: (() => void) | undefined;
  #dropped = 0;

  constructor(most: number, clock: Clock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Pictures that gave way to newer ones. */
  get dropped(): number {
    return this.#dropped;
  }

  put(picture: Picture): void {
    this.#pictures.push(picture);
    if (this.#pictures.length > this.#most) {
      this.#pictures.shift();
      this.#dropped += 1;
    }
    this.#arrived?.();
  }

  /** The oldest picture, for one who waits at a time; undefined when none came within `waitMs` or `signal` aborted. */
  async take(waitMs: number, signal: AbortSignal): Promise<Picture | undefined> {
    if (this.#pictures.length === 0) await this.#arrival(waitMs, signal);
    return signal.aborted ? undefined : this.#pictures.shift();
  }

  async #arrival(waitMs: number, signal: AbortSignal): Promise<void> {
    const arrived = new AbortController();
    this.#arrived = () => arrived.abort();
    await sleep(this.#clock, waitMs, AbortSignal.any([signal, arrived.signal]));
    this.#arrived = undefined;
  }
}
