import { type Clock, sleep } from "@walras/kit";

import type { Claim } from "../../decide/claims/claim.ts";
import { ClaimBook } from "../../decide/claims/book.ts";
import { isUndecided } from "../../decide/claims/rivals.ts";
import type { SchedPod } from "../../decide/schedule/pod.ts";
import type { ClaimStores } from "../../observe/claims/stores.ts";
import { Refused } from "../refused.ts";

/** What was written, and the version that the answer had. */
export interface Own {
  readonly claim: Pick<Claim, "uid" | "name">;
  readonly version: string;
}

export interface StandingOptions {
  readonly stores: ClaimStores;
  /** Pods of other schedulers that wait with claims which have nothing yet. */
  readonly rivals: () => readonly SchedPod[];
  readonly clock: Clock;
}

/** The watch is at least that far behind where it is of no use. */
const longestUnseenMs = 30_000;
/** Within that, a scheduler that decided before it saw our write nominates a node or writes, if it is not in a jam. */
const settleMs = 2_000;
const lookMs = 250;
/** Nobody is waited for longer. */
const longestHoldMs = 600_000;

/**
 * Whether an allocation stands. Versions of claims are in the order in which the API server took the writes, and a watch tells of
 * them in that order. So once it tells of our own write, all that came before it is known. Of two claims with one device the later
 * one sees the earlier one, and gives way.
 */
export class Standing {
  readonly #options: StandingOptions;
  readonly #waiting = new Map<string, Set<() => void>>();
  #undecided: { readonly atMs: number; readonly uids: ReadonlySet<string> } = { atMs: -Infinity, uids: new Set() };

  constructor(options: StandingOptions) {
    this.#options = options;
    options.stores.claims.onChange(({ item }) => {
      for (const wake of this.#waiting.get(item.uid) ?? []) wake();
    });
  }

  /** @throws Refused where another claim has one of the devices, or may be going to have it for all that is known */
  async hold(own: readonly Own[]): Promise<void> {
    for (const one of own) await this.#seen(one);
    this.#check(own);
    const { rivals, clock } = this.#options;
    const watched = rivals().map(({ uid }) => uid);
    if (watched.length === 0) return;
    await sleep(clock, settleMs);
    const untilMs = clock.monotonicMs() + longestHoldMs;
    for (;;) {
      this.#check(own);
      const undecided = this.#undecidedNow();
      if (!watched.some((uid) => undecided.has(uid))) return;
      if (clock.monotonicMs() > untilMs)
        throw new Refused("pods of other schedulers wait that may have been given the same");
      await sleep(clock, lookMs);
    }
  }

  #check(own: readonly Own[]): void {
    const { stores } = this.#options;
    const book = new ClaimBook(stores, []);
    for (const { claim } of own) {
      const now = stores.claims.get(claim.uid);
      if (!now?.allocation) throw new Refused(`ResourceClaim ${claim.name} has lost its allocation`);
      const conflict = book.conflictOf(now);
      if (conflict !== null) throw new Refused(`ResourceClaim ${claim.name}: ${conflict}`);
    }
  }

  /** By the watch. */
  async #seen({ claim, version }: Own): Promise<void> {
    const { stores, clock } = this.#options;
    const isSeen = (): boolean => {
      const now = stores.claims.get(claim.uid);
      return now === undefined || isAtLeast(now.version, version);
    };
    const untilMs = clock.monotonicMs() + longestUnseenMs;
    while (!isSeen()) {
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) throw new Refused(`the watch does not tell of ResourceClaim ${claim.name}`);
      await this.#change(claim.uid, leftMs);
    }
  }

  #change(uid: string, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(uid) ?? new Set<() => void>();
      this.#waiting.set(uid, waiting);
      const done = (): void => {
        timer.cancel();
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(uid);
        resolve();
      };
      const timer = this.#options.clock.after(withinMs, done);
      waiting.add(done);
    });
  }

  /** Many ask at once. */
  #undecidedNow(): ReadonlySet<string> {
    const { rivals, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#undecided.atMs >= lookMs) {
      const still = rivals().filter((pod) => isUndecided(pod, clock.wallMs()));
      this.#undecided = { atMs: nowMs, uids: new Set(still.map(({ uid }) => uid)) };
    }
    return this.#undecided.uids;
  }
}

/** Versions of one kind are numbers that grow (KEP-5504). */
function isAtLeast(version: string, other: string): boolean {
  return BigInt(version) >= BigInt(other);
}
