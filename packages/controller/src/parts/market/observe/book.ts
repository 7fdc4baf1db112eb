import type { Demand, NodeDecision, UsageSample } from "../decide/snapshot.ts";
import { observe } from "./demand.ts";
import { OwnerResizes } from "./resizes.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import { type Habits, noHabits } from "./habits.ts";

/** What the market remembers between rounds: beliefs about demand, balances, and habits. */
export class MarketBook {
  readonly habits: Habits;
  readonly #policy: MarketPolicy;
  readonly #demands = new Map<string, Demand>();
  readonly #credits = new Map<string, number>();
  /** Names of containers, by pod UID. */
  readonly #rationed = new Map<string, Set<string>>();
  /** What owners have declared by resizes of their own. */
  readonly resizes = new OwnerResizes();
  readonly #sinceMs = new Map<string, number>();

  constructor(policy: MarketPolicy, habits: Habits = noHabits) {
    this.#policy = policy;
    this.habits = habits;
  }

  /** Learns from a container's sample; one not newer than the last teaches nothing. */
  observe(containerId: string, sample: UsageSample): void {
    this.#demands.set(containerId, observe(this.#demands.get(containerId), sample, this.#policy));
  }

  /** Takes notice of a container, heard of or not. */
  meet(containerId: string, nowMs: number): void {
    if (containerId !== "" && !this.#sinceMs.has(containerId)) this.#sinceMs.set(containerId, nowMs);
  }

  /** Since when the container is known; undefined: it is not. */
  sinceMs(containerId: string): number | undefined {
    return this.#sinceMs.get(containerId);
  }

  demand(containerId: string): Demand | undefined {
    return this.#demands.get(containerId);
  }

  /** A pod's balance in millicore-seconds; undefined for one not seen since the controller started. */
  credit(podUid: string): number | undefined {
    return this.#credits.get(podUid);
  }

  /** Takes over what a round has made: balances, and rations. */
  settle({ credits, targets }: Pick<NodeDecision, "credits" | "targets">): void {
    for (const [uid, credit] of credits) this.#credits.set(uid, credit);
    for (const { podUid, container, rationMilli } of targets) {
      if (rationMilli === null) this.#rationed.get(podUid)?.delete(container);
      else this.#rationed.set(podUid, (this.#rationed.get(podUid) ?? new Set()).add(container));
    }
  }

  isRationed(podUid: string, container: string): boolean {
    return this.#rationed.get(podUid)?.has(container) ?? false;
  }

  /** Forgets a pod that is gone. */
  forget(podUid: string, containerIds: readonly string[]): void {
    this.#credits.delete(podUid);
    this.habits.forget(podUid);
    this.#rationed.delete(podUid);
    this.resizes.forget(podUid);
    for (const id of containerIds) {
      this.#demands.delete(id);
      this.#sinceMs.delete(id);
    }
  }
}
