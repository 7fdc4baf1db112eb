/** One pod of a service whose process does one request after another, with no more than a core. */
export class Replica {
  readonly name: string;
  readonly createdMs: number;
  readonly runsAtMs: number;
  readonly readyAtMs: number;
  #milli: number;
  /** When all that was taken on is done. */
  #freeAtMs = 0;
  /** CPU time of all that was taken on, core-milliseconds. */
  #takenMs = 0;

  constructor(name: string, milli: number, created: { readonly atMs: number; readonly startMs: number }) {
    this.name = name;
    this.#milli = milli;
    this.createdMs = created.atMs;
    // A third of a start is scheduling and pulling.
    this.runsAtMs = created.atMs + created.startMs / 3;
    this.readyAtMs = created.atMs + created.startMs;
  }

  get milli(): number {
    return this.#milli;
  }

  get #speed(): number {
    return Math.min(1, this.#milli / 1000);
  }

  /** In place: what waits goes on with the new CPU. */
  resize(milli: number, atMs: number): void {
    const leftMs = this.#leftMs(atMs);
    this.#milli = milli;
    this.#freeAtMs = atMs + leftMs / this.#speed;
  }

  /** @returns how long the request takes; null: whoever asks gives up before it is begun with */
  take(cpuMs: number, atMs: number, timeoutMs: number): number | null {
    const begunMs = Math.max(atMs, this.#freeAtMs);
    if (begunMs - atMs > timeoutMs) return null;
    this.#takenMs += cpuMs;
    this.#freeAtMs = begunMs + cpuMs / this.#speed;
    return this.#freeAtMs - atMs;
  }

  /** CPU time it has used until now, core-milliseconds. */
  usedMs(atMs: number): number {
    return this.#takenMs - this.#leftMs(atMs);
  }

  #leftMs(atMs: number): number {
    return Math.max(0, this.#freeAtMs - atMs) * this.#speed;
  }
}
