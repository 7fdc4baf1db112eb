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
   * Held by nobody, or unchanged for longer than its own duration. A lease that
   * was there and is gone is a change like any other: its holder may not know yet.
   */
  isFree(lease: LeaseObject | null): boolean {
    if (lease === null && this.#observed === undefined) return true;
    const nowMs = this.#monotonicMs();
    const version = lease?.metadata.resourceVersion ?? "";
    if (version !== this.#observed?.version) this.#observed = { version, atMs: nowMs };
    if (lease && !lease.spec.holderIdentity) return true;
    return nowMs - this.#observed.atMs > this.#durationOf(lease);
  }

  #durationOf(lease: LeaseObject | null): number {
    const seconds = lease?.spec.leaseDurationSeconds;
    return seconds === undefined ? this.#durationMs : seconds * 1000;
  }
}
