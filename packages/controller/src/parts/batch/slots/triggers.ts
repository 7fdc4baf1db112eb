import { NotKnown } from "../decide/notKnown.ts";
import { type Claimant, isBefore } from "../decide/turn.ts";

/**
 * How many jobs an owner would have in total if there were room for all, of
 * which so many are unfinished.
 *
 * @throws NotKnown where that is not known
 */
export type Need = (unfinished: number) => number;

interface Trigger {
  need: Need;
  polledMs: number;
  /** Between its last two polls; null after the first. */
  intervalMs: number | null;
  servedMs: number;
  /** How many slots went to others whose turn was later, since it was served. */
  passed: number;
}

/** A slot is kept for who is before the one that asks, if it is to ask itself within this. */
const soonMs = 1_000;
/** Questions closer together are of one poll. */
const leastIntervalMs = 500;

/** More than a cluster has; whoever asked longest ago is forgotten where there are more. */
export const mostTriggers = 5_000;

/** Those who have asked for slots lately: what they need, and when they will ask again. */
export class Triggers {
  readonly #triggers = new Map<string, Trigger>();

  /** Notes that `owner` asks. */
  note(owner: string, need: Need, nowMs: number): void {
    const known = this.#triggers.get(owner);
    if (!known) {
      this.#triggers.set(owner, { need, polledMs: nowMs, intervalMs: null, servedMs: -Infinity, passed: 0 });
      this.#forgetOldest();
      return;
    }
    this.#triggers.delete(owner);
    this.#triggers.set(owner, known);
    const sinceMs = nowMs - known.polledMs;
    known.need = need;
    if (sinceMs < leastIntervalMs) return;
    known.intervalMs = sinceMs;
    known.polledMs = nowMs;
  }

  /** Those who asked last are at the end. */
  #forgetOldest(): void {
    if (this.#triggers.size <= mostTriggers) return;
    const [oldest] = this.#triggers.keys();
    if (oldest !== undefined) this.#triggers.delete(oldest);
  }

  /** Drops those who have not asked for so long. */
  forget(nowMs: number, memoryMs: number): void {
    for (const [owner, { polledMs }] of this.#triggers) if (nowMs - polledMs >= memoryMs) this.#triggers.delete(owner);
  }

  /** Everybody's claim, from what each has: unfinished Jobs, and those with grants that no Job has taken up. */
  claimants(unfinished: ReadonlyMap<string, number>, granted: ReadonlyMap<string, number>): readonly Claimant[] {
    return [...this.#triggers].map(([owner, { need, servedMs }]) => {
      const own = unfinished.get(owner) ?? 0;
      const holds = own + (granted.get(owner) ?? 0);
      return { owner, holds, wants: Math.max(0, wantedBy(need, own) - holds), servedMs };
    });
  }

  /**
   * Those with whom `owner` has to share now: who is to ask soon, and who was
   * passed over as often as there are claimants. To keep a slot for all of the
   * others would leave it empty until they ask, half a polling interval each time.
   */
  rivals(owner: string, claimants: readonly Claimant[], nowMs: number): readonly Claimant[] {
    return claimants.filter((claimant) => {
      if (claimant.owner === owner) return true;
      const trigger = this.#triggers.get(claimant.owner);
      return trigger !== undefined && (trigger.passed >= claimants.length || asksSoon(trigger, nowMs));
    });
  }

  /** Notes that `owner` was granted `count` slots. */
  served(owner: string, count: number, claimants: readonly Claimant[], nowMs: number): void {
    const own = claimants.find((claimant) => claimant.owner === owner);
    for (const other of claimants) {
      const trigger = this.#triggers.get(other.owner);
      if (trigger && own && other.wants > 0 && isBefore(other, own)) trigger.passed += count;
    }
    const trigger = this.#triggers.get(owner);
    if (!trigger) return;
    trigger.servedMs = nowMs;
    trigger.passed = 0;
  }
}

/** Nobody knows when one asks who has asked but once: maybe soon. One who is a whole interval late may never. */
function asksSoon({ polledMs, intervalMs }: Trigger, nowMs: number): boolean {
  if (intervalMs === null) return true;
  const inMs = polledMs + intervalMs - nowMs;
  return inMs <= soonMs && inMs >= -intervalMs;
}

/** Whose demand is not known does not compete; it is told when it asks itself. */
function wantedBy(need: Need, unfinished: number): number {
  try {
    return need(unfinished);
  } catch (error) {
    if (error instanceof NotKnown) return 0;
    throw error;
  }
}
