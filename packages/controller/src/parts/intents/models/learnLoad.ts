import { type Learnt, type Observation, rangeOf } from "./learn.ts";
import { busyOf, fullest, loadLatency, type LoadParameters, type LoadPoint } from "./load.ts";
import { medianOf } from "./median.ts";
import { fitRobustly } from "./robust.ts";

/** As many rows as a model of CPU takes, since it has one parameter more. */
const leastRows = 20;
/** A model that what was seen is this far around, as a part of it, tells nothing. */
const mostDeviation = 0.5;
/** How busy the busiest row may have been, and which part of latency takes CPU, where fits begin. */
const starts = [0.5, 0.8, 0.95, 1.2].flatMap((busiest) => [0.2, 0.9].map((part) => [busiest, part] as const));
const leastLatency = 1e-9;

interface Row extends LoadPoint {
  readonly latency: number;
}

/**
 * How latency follows load, CPU and replicas together; or why that cannot be
 * told. Logarithms are fitted: a percentile of slow moments is as many times as
 * noisy as it is slow.
 */
export function learnLoad(observations: readonly Observation[]): Learnt | string {
  const rows = observations.flatMap(rowOf);
  if (rows.length < leastRows) return `${rows.length} of ${leastRows} rows that it takes`;
  const loads = rows.map(({ load }) => load);
  if (new Set(loads).size < 2) return "one load says nothing of another";
  if (new Set(rows.map(({ replicas, cores }) => replicas * cores)).size < 2)
    return "one amount of CPU says nothing of another";
  const fit = fitRobustly(
    {
      seen: rows.map(({ latency }) => Math.log(latency)),
      at: (parameters, index) => logLatency(parameters, rows[index]),
      least: [0, 0, 0, 0],
      most: [Infinity, Infinity, Infinity, Infinity],
    },
    startsFor(rows),
  );
  const { deviation: relative, standardErrors, outliers, points } = fit;
  if (relative > mostDeviation) return `what was seen is ± ${Math.round(relative * 100)} % around it`;
  const popt = parametersOf(fit.parameters);
  const data = {
    popt,
    loadRange: rangeOf(loads),
    replicaRange: rangeOf(rows.map(({ replicas }) => replicas)),
    cpuRange: rangeOf(rows.map(({ cores }) => cores)),
    mostBusy: Math.min(fullest, Math.max(...rows.map((row) => busyOf(popt, row)))),
    relativeDeviation: relative,
    deviation: relative * medianOf(rows.map(({ latency }) => latency)),
  };
  return { data: { ...data, standardErrors, rows: points, outliers }, points, outliers };
}

function rowOf({ latency, load, replicas, cpuMilli }: Observation): readonly Row[] {
  if (load === null || load <= 0 || replicas < 1 || cpuMilli <= 0 || latency <= 0) return [];
  return [{ latency, load, replicas, cores: cpuMilli / 1000 }];
}

function parametersOf([p0 = 0, p1 = 0, p2 = 0, p3 = 0]: readonly number[]): LoadParameters {
  return [p0, p1, p2, p3];
}

function logLatency(parameters: readonly number[], row: Row | undefined): number {
  if (row === undefined) return NaN;
  return Math.log(Math.max(leastLatency, loadLatency(parametersOf(parameters), row)));
}

function startsFor(rows: readonly Row[]): number[][] {
  const least = Math.min(...rows.map(({ latency }) => latency));
  const perDemand = Math.max(...rows.map((row) => busyOf([0, 0, 0, 1], row)));
  return starts.map(([busiest, part]) => [least * (1 - part), least * part, least, busiest / perDemand]);
}
