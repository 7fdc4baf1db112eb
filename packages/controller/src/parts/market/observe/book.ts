import { NumberRows } from "@walras/kit";

import type { ContainerReading } from "../../../base/telemetry/ledger/readings.ts";
import type { Demand, NodeDecision } from "../decide/snapshot.ts";
import { beliefWidth } from "./beliefRow.ts";
import { Believed } from "./believed.ts";
import { OwnerResizes } from "./resizes.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import { type Habits, noHabits, type Use } from "./habits.ts";

/** What the market remembers between rounds: beliefs about demand, balances, and habits. */
export class MarketBook {
  readonly habits: Habits;
  readonly #policy: MarketPolicy;
  readonly #rows = new NumberRows(beliefWidth);
  readonly #believed = new Map<string, Believed>();
  readonly #credits = new Map<string, number>();
  /** Names of containers, by pod UID. */
  readonly #rationed = new Map<string, Set<string>>();
  /** What owners have declared by resizes of their own. */
  readonly resizes = new OwnerResizes();
  /** Of containers that nothing was heard of. */
  readonly #sinceMs = new Map<string, number>();

  constructor(policy: MarketPolicy, habits: Habits = noHabits) {
    this.#policy = policy;
    this.habits = habits;
  }

  /** Learns from what an agent says of a container. */
  hear(reading: ContainerReading): void {
    const believed = this.#believed.get(reading.containerId);
    if (believed) believed.hear(reading);
    else this.#begin(reading);
  }

  /** Its agent has nothing more to say of the container. */
  silence(containerId: string): void {
    this.#believed.get(containerId)?.silence();
  }

  /** Takes notice of a container that may never be heard of. */
  meet(containerId: string, nowMs: number): void {
    if (containerId === "" || this.#believed.has(containerId) || this.#sinceMs.has(containerId)) return;
    this.#sinceMs.set(containerId, nowMs);
  }

  /** Since when a container is known that nothing was heard of; undefined: it is not known, or was heard of. */
  sinceMs(containerId: string): number | undefined {
    return this.#sinceMs.get(containerId);
  }

  /** What is believed of a container as of its agent's last report; the object changes with the next, and ends with the container. */
  now(containerId: string): Demand | undefined {
    return this.#believed.get(containerId)?.now();
  }

  /** What a container has used since this was asked the last time; undefined: it was never heard of. */
  takeUse(containerId: string): Use | undefined {
    return this.#believed.get(containerId)?.takeUse();
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

  #begin(reading: ContainerReading): void {
    this.#believed.set(reading.containerId, new Believed(reading, this.#policy, this.#rows));
    this.#sinceMs.delete(reading.containerId);
  }

  /** Forgets a pod that is gone. */
  forget(podUid: string, containerIds: readonly string[]): void {
    this.#credits.delete(podUid);
    this.habits.forget(podUid);
    this.#rationed.delete(podUid);
    this.resizes.forget(podUid);
    this.forgetContainers(containerIds);
  }

  /** Forgets containers that no pod has any more. */
  forgetContainers(containerIds: readonly string[]): void {
    for (const id of containerIds) {
      this.#believed.get(id)?.end();
      this.#believed.delete(id);
      this.#sinceMs.delete(id);
    }
  }
}
