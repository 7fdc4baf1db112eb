import { podRef } from "../../../base/told/decision.ts";
import type { Teller } from "../../../base/told/teller.ts";
import type { Nomination } from "../decide/preempt/nomination.ts";
import { podKey, type SchedPod } from "../decide/schedule/pod.ts";
import type { gpuVerdicts } from "./verdicts.ts";

interface PreemptionCounts {
  evicted(by: Nomination["by"]): void;
}

export interface PreemptionTellerOptions {
  readonly teller: Teller<typeof gpuVerdicts>;
  readonly counts: PreemptionCounts;
  /** All pods of this scheduler. */
  readonly pods: () => Iterable<SchedPod>;
}

/** Tells those who leave, and those for whom they do. */
export class PreemptionTeller {
  readonly #options: PreemptionTellerOptions;

  constructor(options: PreemptionTellerOptions) {
    this.#options = options;
  }

  nominated({ pod, node, victims }: Nomination): void {
    const names = victims.map(podKey).join(", ");
    const reason = victims.length === 0 ? `waits for who leaves ${node} already` : `${names} leave(s) ${node} for it`;
    this.#tell(pod, "Nominated", reason);
  }

  notMade({ pod }: Nomination, why: string): void {
    this.#tell(pod, "PreemptionFailed", why);
  }

  evicted(victim: SchedPod, { pod, node, by }: Nomination): void {
    this.#options.counts.evicted(by);
    if (by === "defragmentation") {
      this.#tell(victim, "GpuDefragmented", `evicted from ${node} for ${podKey(pod)}: it has room elsewhere`);
      return;
    }
    this.#tell(victim, "Preempted", `preempted by ${podKey(pod)} (priority ${pod.priority}) on node ${node}`);
    for (const other of this.#gangOf(victim)) {
      const reason = `${podKey(victim)} of gang ${victim.gang?.name ?? ""} was preempted by ${podKey(pod)}`;
      this.#tell(other, "GpuGangBroken", reason);
    }
  }

  #gangOf({ gang, namespace, uid }: SchedPod): SchedPod[] {
    if (!gang) return [];
    const isMate = (one: SchedPod): boolean => one.namespace === namespace && one.gang?.name === gang.name;
    return [...this.#options.pods()].filter((one) => isMate(one) && one.uid !== uid && !one.terminating && !one.ended);
  }

  #tell(pod: SchedPod, verdict: keyof typeof gpuVerdicts, reason: string): void {
    this.#options.teller.tell({ object: podRef(pod), verdict, reason });
  }
}
