import { type Demand, observe, type UsageSample } from "./demand.ts";
import type { MarketPolicy } from "./policy.ts";

/** What the market remembers between rounds: beliefs about demand, and balances. */
export class MarketBook {
  readonly #policy: MarketPolicy;
  readonly #demands = new Map<string, Demand>();
  readonly #credits = new Map<string, number>();

  constructor(policy: MarketPolicy) {
    this.#policy = policy;
  }

  /** Learns from a container's sample; one not newer than the last teaches nothing. */
  observe(containerId: string, sample: UsageSample): void {
    this.#demands.set(containerId, observe(this.#demands.get(containerId), sample, this.#policy));
  }

  demand(containerId: string): Demand | undefined {
    return this.#demands.get(containerId);
  }

  /**
   * A pod's balance in millicore-seconds.
   *
   * @param recorded the balance on record, for a pod not seen since the controller started
   */
  credit(podUid: string, recorded: number): number {
    return this.#credits.get(podUid) ?? recorded;
  }

  /** Takes over the balances a round has made. */
  settle(credits: ReadonlyMap<string, number>): void {
    for (const [uid, credit] of credits) this.#credits.set(uid, credit);
  }

  /** Forgets a pod that is gone. */
  forget(podUid: string, containerIds: readonly string[]): void {
    this.#credits.delete(podUid);
    for (const id of containerIds) this.#demands.delete(id);
  }
}
