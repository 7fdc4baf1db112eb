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
/** Rates may come out a little above what there is; more than this is no share of a node. */
const mostBusy = 1.5;

/** CPU of nodes by a query of Prometheus, as of when it answers. */
export function prometheusCpu(prometheus: InstantQuery, query: string): CpuSource {
  return {
    name: "Prometheus",
    ask: async (signal) => {
      const samples = await prometheus.query(query, signal);
      const told = new Map(samples.filter(({ value }) => value >= 0 && value <= mostBusy).flatMap(entriesOf));
      if (told.size === 0) throw new Error(`no series of ${query} has a value: is it scraped at least every 15 s?`);
      return told;
    },
  };
}

/** Every name by which the series may mean a node: with and without a port. */
function entriesOf({ labels, value }: Sample): [string, NodeCpu][] {
  const cpu = { busyFraction: Math.min(1, value), ageMs: 0 };
  const names = nodeLabels.flatMap((label) => labels[label] ?? []);
  return names.flatMap((name): [string, NodeCpu][] => [
    [name, cpu],
    [withoutPort(name), cpu],
  ]);
}

function withoutPort(name: string): string {
  return name.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([^:]+):\d+$/, "$1");
}
