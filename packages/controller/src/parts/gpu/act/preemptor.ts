import { describeError, type Logger } from "@walras/kit";

import type { Nomination } from "../decide/preempt/nomination.ts";
import { podKey, type SchedPod } from "../decide/schedule/pod.ts";

/** Evicts pods for others. */
export interface PreemptPort {
  /** Whether a budget would let it go now. */
  mayEvict(pod: SchedPod): Promise<boolean>;
  /** @returns false where a budget does not allow it now */
  evict(pod: SchedPod): Promise<boolean>;
  /** Writes status.nominatedNodeName. @param node "": none any more */
  nominate(pod: SchedPod, node: string): Promise<void>;
}

export interface PreemptorOptions {
  readonly port: PreemptPort;
  /** Why a nomination cannot be any more, by what is known at this moment; null: it can. */
  readonly outdated: (nomination: Nomination) => string | null;
  readonly evicted: (victim: SchedPod, nomination: Nomination) => void;
  readonly logger: Logger;
}

/** Evicts those in the way of a pod or of a gang: nobody while anybody of them may not go, or they would have left in vain. */
export class Preemptor {
  readonly #options: PreemptorOptions;

  constructor(options: PreemptorOptions) {
    this.#options = options;
  }

  /** @returns why not all of them leave; null: they do */
  async makeRoom(nominations: readonly Nomination[]): Promise<string | null> {
    try {
      const refusal = await this.#refusal(nominations);
      if (refusal !== null) return refusal;
      await Promise.all(nominations.map(({ pod, node }) => this.#options.port.nominate(pod, node)));
      for (const nomination of nominations) {
        const why = await this.#evictAll(nomination);
        if (why !== null) return why;
      }
      return null;
    } catch (error) {
      return describeError(error);
    }
  }

  /** They have no place kept for them any more. */
  async giveUp(pods: readonly SchedPod[]): Promise<void> {
    const { port, logger } = this.#options;
    for (const pod of pods) {
      const warn = (error: unknown): void =>
        logger.warn({ pod: podKey(pod), error: describeError(error) }, "its nominated node stays written");
      await port.nominate(pod, "").catch(warn);
    }
  }

  async #refusal(nominations: readonly Nomination[]): Promise<string | null> {
    const { port, outdated } = this.#options;
    for (const nomination of nominations) {
      const why = outdated(nomination);
      if (why !== null) return why;
      for (const victim of nomination.victims) if (!(await port.mayEvict(victim))) return refusedBy(victim);
    }
    return null;
  }

  async #evictAll(nomination: Nomination): Promise<string | null> {
    for (const victim of nomination.victims) {
      const why = this.#options.outdated(nomination) ?? (await this.#evict(victim, nomination));
      if (why !== null) return why;
    }
    return null;
  }

  async #evict(victim: SchedPod, nomination: Nomination): Promise<string | null> {
    if (!(await this.#options.port.evict(victim))) return refusedBy(victim);
    this.#options.evicted(victim, nomination);
    return null;
  }
}

function refusedBy(victim: SchedPod): string {
  return `a budget does not let ${podKey(victim)} go now`;
}
