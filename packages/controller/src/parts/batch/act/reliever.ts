import { type Clock, describeError, type Logger } from "@walras/kit";
import { evictPod, type KubeTransport } from "@walras/kube";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import type { SlotPod } from "../decide/job.ts";
import type { Slot } from "../decide/slot.ts";
import { type Overloads, overloads, type ReliefPolicy, victims } from "../decide/relief.ts";

/** Evicts a pod; a PodDisruptionBudget may refuse. */
export interface EvictionPort {
  /** @returns false where a budget does not allow it now */
  evict(pod: SlotPod): Promise<boolean>;
}

export function evictionPort(transport: KubeTransport, writes: Pick<Writes, "perform">): EvictionPort {
  return {
    evict: (pod) =>
      writes.perform({
        key: `evict ${pod.namespace}/${pod.name}`,
        priority: writePriority.evictJob,
        write: () => evictPod(transport, pod),
      }),
  };
}

export interface RelieverOptions {
  readonly slots: () => readonly Slot[];
  readonly pods: () => Iterable<SlotPod & { readonly terminating: boolean }>;
  readonly policy: ReliefPolicy;
  readonly port: EvictionPort;
  readonly mayAct: () => boolean;
  readonly onEvicted: (pod: SlotPod, node: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const relieveEveryMs = 10_000;

/** Takes the youngest job off a node that has been overloaded for long, one at a time. */
export class Reliever {
  readonly #options: RelieverOptions;
  #overloads: Overloads = new Map();

  constructor(options: RelieverOptions) {
    this.#options = options;
  }

  /** One look at every node. */
  async relieve(): Promise<void> {
    const { slots, pods, policy, mayAct, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#overloads = overloads(slots(), this.#overloads, policy, nowMs);
    if (!mayAct()) return;
    for (const [node, pod] of victims(this.#overloads, pods(), policy, nowMs)) await this.#evict(node, pod);
  }

  async #evict(node: string, pod: SlotPod): Promise<void> {
    const { port, logger, onEvicted } = this.#options;
    try {
      if (!(await port.evict(pod))) {
        logger.info(
          { node, pod: `${pod.namespace}/${pod.name}` },
          "not evicted: its disruption budget does not allow it",
        );
        return;
      }
      const { [node]: _, ...rest } = Object.fromEntries(this.#overloads);
      this.#overloads = new Map(Object.entries(rest));
      onEvicted(pod, node);
    } catch (error) {
      logger.warn({ node, error: describeError(error) }, "not evicted");
    }
  }
}
