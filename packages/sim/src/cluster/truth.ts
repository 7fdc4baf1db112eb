import type { ContainerTruth, Fate, Fates } from "../node/fate.ts";

/** A node as it truly is. */
export interface NodeTruth {
  readonly name: string;
  readonly cores: number;
  readonly allocatableMilli: number;
  /** Cores in use in the last period. */
  readonly usedCores: number;
  readonly containers: readonly ContainerTruth[];
  /** How containers fared, together, that do not run any more. */
  readonly departed: Fates;
}

/** The whole cluster as it truly is, which no controller can see. */
export interface ClusterTruth {
  /** Since the start. */
  readonly elapsedMs: number;
  readonly nodes: readonly NodeTruth[];
}

/** How the containers fared together. */
export interface FateSummary {
  /** CPU time used. */
  readonly usedSeconds: number;
  /** Time stopped for lack of quota, summed over run queues. */
  readonly throttledSeconds: number;
  /** Work given up, in core-seconds. */
  readonly lostSeconds: number;
  /** CPU that limits allowed and nobody used, in cores, on average over the run. */
  readonly meanSlackCores: number;
  /** CPU that requests kept from others and nobody used, in cores, on average over the run. */
  readonly meanIdleRequestCores: number;
}

/** The run as it was, and as it would have been under the settings the pods were created with. */
export interface RunSummary {
  readonly elapsedSeconds: number;
  readonly containers: number;
  readonly market: FateSummary;
  readonly static: FateSummary;
}

/** Sums up a run; containers that are gone count too. */
export function summarise({ elapsedMs, nodes }: ClusterTruth): RunSummary {
  const containers = nodes.flatMap((node) => node.containers);
  const fates: readonly Fates[] = [...containers, ...nodes.map(({ departed }) => departed)];
  return {
    elapsedSeconds: elapsedMs / 1000,
    containers: containers.length,
    market: together(
      fates.map(({ market }) => market),
      elapsedMs,
    ),
    static: together(
      fates.map((fate) => fate.static),
      elapsedMs,
    ),
  };
}

function together(fates: readonly Fate[], elapsedMs: number): FateSummary {
  const sum = (pick: (fate: Fate) => number): number => fates.reduce((total, fate) => total + pick(fate), 0);
  return {
    usedSeconds: sum(({ usedUsec }) => usedUsec) / 1e6,
    throttledSeconds: sum(({ throttledUsec }) => throttledUsec) / 1e6,
    lostSeconds: sum(({ lostCoreMs }) => lostCoreMs) / 1000,
    meanIdleRequestCores: elapsedMs === 0 ? 0 : sum(({ idleRequestCoreMs }) => idleRequestCoreMs) / elapsedMs,
    meanSlackCores: elapsedMs === 0 ? 0 : sum(({ slackCoreMs }) => slackCoreMs) / elapsedMs,
  };
}
