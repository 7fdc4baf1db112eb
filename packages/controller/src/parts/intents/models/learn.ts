import { cpuLatency } from "./cpu.ts";
import { replicaLatency } from "./replicas.ts";
import { fitRobustly, type RobustFit } from "./robust.ts";

/** What was measured of a workload at one moment. */
export interface Observation {
  /** In the KPI's unit. */
  readonly latency: number;
  /** null: not measured. */
  readonly load: number | null;
  readonly replicas: number;
  /** Of the container that is sized; 0: none is declared. */
  readonly cpuMilli: number;
}

/** `data` of a document of the knowledge base's `effects`, with how sure it is. */
export interface Learnt {
  readonly data: Readonly<Record<string, unknown>>;
  readonly points: number;
  readonly outliers: number;
}

/** What the prototype asks for before it believes a fit. */
const enough = { replicaRows: 10, cpuRows: 20, values: 2, leastP1: 0.2, mostP1: 5 };

/** Of p0 and p2 of the prototype's formula only the quotient can be told: p2 is 1. */
const replicaStarts = [0, 0.1, 0.5].flatMap((p1) => [0, 0.02, 0.2].map((p3) => [p1, p3] as const));

/** How latency follows load and replicas; or why that cannot be told. */
export function learnReplicas(observations: readonly Observation[]): Learnt | string {
  const rows = observations.flatMap(({ latency, load, replicas }) =>
    load === null || replicas < 1 || latency <= 0 ? [] : [{ latency, load, replicas }],
  );
  const counts = new Set(rows.map(({ replicas }) => replicas));
  if (rows.length < enough.replicaRows) return `${rows.length} of ${enough.replicaRows} rows that it takes`;
  if (counts.size < enough.values) return "one number of replicas says nothing of another";
  const loadRange = rangeOf(rows.map(({ load }) => load));
  const scale = scaleOf(loadRange, Math.max(...counts));
  const fit = fitRobustly(
    {
      seen: rows.map(({ latency }) => latency),
      at: ([a = 0, p1 = 0, p3 = 0], point) => {
        const { load = 0, replicas = 1 } = rows[point] ?? {};
        return replicaLatency([a, p1, 1, p3], load * scale[0] + scale[1], replicas);
      },
      least: [1e-9, 0, 0],
      most: [Infinity, 10, 10],
    },
    replicaStarts.map(([p1, p3]) => [meanOf(rows.map(({ latency }) => latency)), p1, p3]),
  );
  const [a = 0, p1 = 0, p3 = 0] = fit.parameters;
  return learnt(fit, {
    popt: [a, p1, 1, p3],
    throughputScale: scale,
    throughputRange: loadRange,
    replicaRange: rangeOf([...counts]),
  });
}

/** Loads from 1 to one more than the most replicas, as the prototype scales them. */
function scaleOf([least, most]: readonly [number, number], replicas: number): readonly [number, number] {
  const factor = most > least ? replicas / (most - least) : 0;
  return [factor, 1 - least * factor];
}

/** How latency follows CPU, of moments with one replica; or why that cannot be told. */
export function learnCpu(observations: readonly Observation[]): Learnt | string {
  const rows = observations.filter(({ replicas, cpuMilli, latency }) => replicas === 1 && cpuMilli > 0 && latency > 0);
  const cores = rows.map(({ cpuMilli }) => cpuMilli / 1000);
  if (rows.length < enough.cpuRows) return `${rows.length} of ${enough.cpuRows} rows that it takes`;
  if (new Set(cores).size < enough.values) return "one size says nothing of another";
  const latencies = rows.map(({ latency }) => latency);
  const [least, most] = rangeOf(latencies);
  const fit = fitRobustly(
    {
      seen: latencies,
      at: ([p0 = 0, p1 = 0, p2 = 0], point) => cpuLatency([p0, p1, p2], cores[point] ?? 0),
      least: [0, enough.leastP1, 0],
      most: [Infinity, enough.mostP1, Infinity],
    },
    [0.3, 1, 3].map((p1) => [(most - least) * Math.exp(p1 * Math.min(...cores)), p1, least]),
  );
  return learnt(fit, { popt: [fit.parameters], cpuRange: rangeOf(cores), latencyRange: [least, most] });
}

function learnt(fit: RobustFit, data: Readonly<Record<string, unknown>>): Learnt {
  const { deviation, standardErrors, outliers, points } = fit;
  return { data: { ...data, deviation, standardErrors, rows: points, outliers }, points, outliers };
}

/** The least and the most. */
export function rangeOf(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
