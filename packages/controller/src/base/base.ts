import type { Runnable } from "@walras/kit";

import { type Access, wireAccess } from "./access/access.ts";
import { Cluster, type ClusterScope } from "./cluster/cluster.ts";
import type { BaseConfig } from "./config/flags.ts";
import { type Gate, gateOf } from "./access/gate.ts";
import { type BaseMetrics, baseMetrics, watchObserver } from "./ops/metrics.ts";
import { type MetricFactory, metricsIn, Registry } from "./ops/registry.ts";
import { type MakeRepeating, repeatingIn } from "./ops/repeating.ts";
import type { Surroundings } from "./config/surroundings.ts";
import { DiskHistory } from "./history/disk.ts";
import type { History } from "./history/history.ts";
import { MemoryHistory } from "./history/memory.ts";
import { type MakeTeller, Teller } from "./told/teller.ts";
import { type Telemetry, wireTelemetry } from "./telemetry/telemetry.ts";

/** What all parts share: the way to the API server, who may act, the cluster, live demand, and where is told what was decided. */
export interface Base extends Access {
  readonly cluster: Cluster;
  /** undefined: no agents are served here. */
  readonly telemetry: Telemetry | undefined;
  readonly metrics: BaseMetrics;
  /** For the metrics of a part. */
  readonly make: MetricFactory;
  /** What was decided, by whichever part. */
  readonly history: History;
  readonly teller: MakeTeller;
  readonly repeating: MakeRepeating;
  /** Whether whoever decides from this view may act now. */
  readonly gate: (scope: ClusterScope) => Gate;
  /** In the order they start, before the parts'; the writes are last, so that they stop first and nobody waits for one. */
  readonly runnables: readonly Runnable[];
}

/** @param agentsAt where agents connect; undefined: nowhere */
export async function wireBase(config: BaseConfig, agentsAt: string | undefined, around: Surroundings): Promise<Base> {
  const registry = new Registry();
  const make = metricsIn(registry);
  const metrics = baseMetrics(registry, make);
  const access = await wireAccess(config, around, metrics);
  const { history, ...keeping } = wireHistory(config, around, metrics);
  const teller: MakeTeller = (part, action, verdicts) =>
    new Teller({ part, action, verdicts, events: access.events, history, clock: around.clock });
  const cluster = new Cluster({ ...around, transport: access.transport, observer: watchObserver(metrics) });
  const repeating = repeatingIn(around, metrics);
  const needs = { access, cluster, metrics, teller, repeating };
  const telemetry = agentsAt === undefined ? undefined : wireTelemetry(agentsAt, config, around, needs);
  return {
    ...access,
    cluster,
    telemetry,
    metrics,
    make,
    repeating,
    gate: (scope) => gateOf(access.leadership, () => scope.troubles()),
    history,
    teller,
    runnables: [...keeping.runnables, access.leadership, cluster, ...(telemetry?.runnables ?? [])],
  };
}

/** On disk where a folder is given, else in memory. */
function wireHistory(
  { historyFolder: folder, historyMib }: BaseConfig,
  { clock, logger }: Surroundings,
  metrics: BaseMetrics,
): { readonly history: History; readonly runnables: readonly Runnable[] } {
  const mostBytes = historyMib * 2 ** 20;
  if (folder === undefined) return { history: new MemoryHistory(mostBytes, clock), runnables: [] };
  const onDropped = (count: number): void => metrics.historyDropped.inc(count);
  const history = new DiskHistory({ folder, mostBytes, clock, logger, onDropped });
  return { history, runnables: [history] };
}
