import { errorAt } from "@walras/kit";

import type { Sample } from "../../../../base/telemetry/prometheus.ts";
import type { UsageSource } from "./source.ts";

/** Prometheus, as far as it is asked. */
export interface InstantQuery {
  /** @throws Error naming the query */
  query(query: string, signal: AbortSignal): Promise<readonly Sample[]>;
}

/** A usage of more than this is no fraction. */
const mostFraction = 1.5;

/** Usage by two queries, each of one number: the fraction of the whole cluster in use. */
export function prometheusSource(
  prometheus: InstantQuery,
  queries: { readonly cpu: string; readonly memory: string },
): UsageSource {
  const ask = async (query: string, signal: AbortSignal): Promise<number> => {
    const samples = await prometheus.query(query, signal);
    const [sample] = samples;
    if (!sample || samples.length > 1) throw errorAt(query, samples.length, "series came back, one is needed");
    if (sample.value < 0 || sample.value > mostFraction) throw errorAt(query, sample.value, "is not a fraction");
    return sample.value;
  };
  return {
    name: "Prometheus",
    read: async (signal) => {
      const [cpu, memory] = await Promise.all([ask(queries.cpu, signal), ask(queries.memory, signal)]);
      return { cpu, memory, detail: "two queries" };
    },
  };
}
