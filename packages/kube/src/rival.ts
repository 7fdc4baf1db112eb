import type { LeaseObject } from "./leaseObject.ts";

/**
 * Judges whether another's lease has run out: by this machine's monotonic
 * clock since the record last changed, so clocks need not agree.
 */
export class Rival {
  readonly #monotonicMs: () => number;
  readonly #durationMs: number;
  #observed: { readonly version: string; readonly atMs: number } | undefined;

  /** @param durationMs of a lease that does not say how long it lasts */
  constructor(monotonicMs: () => number, durationMs: number) {
    this.#monotonicMs = monotonicMs;
    this.#durationMs = durationMs;
  }

  /**
   * How long until who asks may have the lease; 0: held by nobody, or unchanged
   * for its own duration. A lease that was there and is gone is a change like
   * any other: its holder may not know yet.
   */
  leftMs(lease: LeaseObject | null): number {
    if (lease === null && this.#observed === undefined) return 0;
    const nowMs = this.#monotonicMs();
    const version = lease?.metadata.resourceVersion ?? "";
    if (version !== this.#observed?.version) this.#observed = { version, atMs: nowMs };
    if (lease && !lease.spec.holderIdentity) return 0;
    return Math.max(0, this.#observed.atMs + this.#durationOf(lease) - nowMs);
  }

  #durationOf(lease: LeaseObject | null): number {
    const seconds = lease?.spec.leaseDurationSeconds;
    return seconds === undefined ? this.#durationMs : seconds * 1000;
  }
}
