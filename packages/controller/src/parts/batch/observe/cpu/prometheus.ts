import type { Sample } from "../../../../base/telemetry/prometheus.ts";
import type { NodeCpu } from "../../decide/slot.ts";
import type { CpuSource } from "./polled.ts";

/** The prototype's: the share of time that CPUs were not idle, over 30 s. */
export const defaultCpuQuery = '1 - avg by (instance)(rate(node_cpu_seconds_total{mode="idle"}[30s]))';

/** Prometheus, as far as it is asked. */
interface InstantQuery {
  /** @throws Error naming the query */
  query(query: string, signal: AbortSignal): Promise<readonly Sample[]>;
}

/** Labels in which exporters and relabelling put the node. */
const nodeLabels = ["node", "nodename", "kubernetes_node", "exported_instance", "instance"] as const;
/** Rates are extrapolated: an idle node may come out a little below 0, a busy one a little above 1 (prometheus#8772). More is no share of a node. */
const slack = 0.5;

/** CPU of nodes by a query of Prometheus, as of when it answers. */
export function prometheusCpu(prometheus: InstantQuery, query: string): CpuSource {
  return {
    name: "Prometheus",
    ask: async (signal) => {
      const samples = await prometheus.query(query, signal);
      const shares = samples.filter(({ value }) => value >= -slack && value <= 1 + slack);
      if (shares.length === 0) throw new Error(whyNone(samples, query));
      return busiestByName(shares);
    },
  };
}

function whyNone([sample]: readonly Sample[], query: string): string {
  if (!sample) return `no series of ${query} has a value: is it scraped at least every 15 s?`;
  return `${query} tells ${sample.value}, which is no share of a node's CPU: it must be 0 to 1`;
}

/** Of two series that mean one node the larger holds: who is not sure starts nothing. */
function busiestByName(samples: readonly Sample[]): ReadonlyMap<string, NodeCpu> {
  const told = new Map<string, NodeCpu>();
  for (const { labels, value } of samples) {
    const cpu = { busyFraction: Math.min(1, Math.max(0, value)), ageMs: 0 };
    for (const name of namesIn(labels))
      if ((told.get(name)?.busyFraction ?? -1) < cpu.busyFraction) told.set(name, cpu);
  }
  return told;
}

/** Every name by which the series may mean a node: with and without a port. */
function namesIn(labels: Sample["labels"]): readonly string[] {
  return nodeLabels.flatMap((label) => labels[label] ?? []).flatMap((name) => [name, withoutPort(name)]);
}

function withoutPort(name: string): string {
  return name.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([^:]+):\d+$/, "$1");
}
