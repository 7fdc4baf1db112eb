import { containerIdsOf, type PodState } from "../../../base/cluster/pod.ts";
import type { ContainerReading } from "../../../base/telemetry/ledger/readings.ts";
import type { Measurement } from "../decide/snapshot.ts";
import type { SeenTarget } from "../loop/ports.ts";
import type { AgentKpi } from "../observe/profiles.ts";

export interface AgentDemandOptions {
  /** Pods by UID. */
  readonly pods: { get(uid: string): PodState | undefined };
  /** What agents last said of containers. */
  readonly ledger: { container(node: string, containerId: string): ContainerReading | undefined };
  readonly staleAfterSeconds: number;
  readonly monotonicMs: () => number;
}

/** KPIs of a workload as agents measure its containers, without Prometheus. */
export class AgentDemand {
  readonly #options: AgentDemandOptions;

  constructor(options: AgentDemandOptions) {
    this.#options = options;
  }

  /** As old as the oldest reading of a container; missing where one of a running container is. */
  of(kpi: AgentKpi, { pods }: Pick<SeenTarget, "pods">): Measurement {
    const readings: ContainerReading[] = [];
    for (const { uid } of pods) {
      const own = this.#readingsOf(uid);
      if (own === null) return { kind: "missing" };
      readings.push(...own);
    }
    return readings.length === 0 ? { kind: "missing" } : this.#aged(valueOf(kpi, readings), readings);
  }

  /** null: of a running container nothing was said. */
  #readingsOf(uid: string): ContainerReading[] | null {
    const pod = this.#options.pods.get(uid);
    if (pod === undefined) return null;
    // One that is starting uses nothing yet that anybody could have measured.
    if (pod.phase !== "Running") return [];
    const readings = containerIdsOf(pod).map((id) => this.#options.ledger.container(pod.node, id));
    return readings.every((one) => one !== undefined) ? readings : null;
  }

  #aged(value: number, readings: readonly ContainerReading[]): Measurement {
    const { staleAfterSeconds, monotonicMs } = this.#options;
    const ageSeconds = (monotonicMs() - Math.min(...readings.map(({ stream }) => stream.lastMs))) / 1_000;
    if (ageSeconds <= staleAfterSeconds) return { kind: "value", value };
    return { kind: "stale", value, ageSeconds: Math.round(ageSeconds) };
  }
}

function valueOf(kpi: AgentKpi, readings: readonly ContainerReading[]): number {
  if (kpi === "cpu") return readings.reduce((sum, { usageMilli }) => sum + usageMilli, 0) / 1_000;
  return Math.max(...readings.map(({ throttledRatio }) => throttledRatio ?? 0));
}
