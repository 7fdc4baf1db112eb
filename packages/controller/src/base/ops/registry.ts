import { Counter, Gauge, Histogram, Registry } from "prom-client";

export { Registry };

/**
 * Makes metrics of one registry. None may have a pod or container label: their number would have no bound. Those of a
 * GPU may name the pod that holds it, since there is one series a GPU.
 */
export interface MetricFactory {
  readonly counter: <Label extends string = never>(
    name: string,
    help: string,
    labels?: readonly Label[],
  ) => Counter<Label>;
  readonly gauge: <Label extends string = never>(name: string, help: string, labels?: readonly Label[]) => Gauge<Label>;
  readonly histogram: <Label extends string = never>(shape: HistogramShape<Label>) => Histogram<Label>;
}

interface HistogramShape<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
  readonly buckets: readonly number[];
}

/** Seconds of a step in this process. */
export const stepBuckets = [0.00005, 0.0002, 0.001, 0.005, 0.02, 0.1, 0.5];
/** Seconds of a call over the network. */
export const callBuckets = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function metricsIn(registry: Registry): MetricFactory {
  const registers = [registry];
  return {
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = []) => new Gauge({ name, help, labelNames: [...labels], registers }),
    histogram: ({ name, help, labels = [], buckets }) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
  };
}
