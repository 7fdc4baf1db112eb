/** Of how latency follows the load, the CPU of a replica and the number of replicas together. */
export interface LoadModel {
  /** p0…p3, none of them negative. */
  readonly parameters: LoadParameters;
  /** Somebody's word: it is believed before what is measured. */
  readonly pinned: boolean;
  /** Loads that were seen, least and most. */
  readonly loadRange: readonly [number, number];
  /** Replicas that were seen, least and most. */
  readonly replicaRange: readonly [number, number];
  /** Cores of a replica that were seen, least and most. */
  readonly coreRange: readonly [number, number];
  /** The part of its CPU that the busiest replica had to do that was seen. */
  readonly mostBusy: number;
  /** Standard deviation of what was seen around the model, as a part of what it says. */
  readonly relativeDeviation: number;
}

export type LoadParameters = readonly [number, number, number, number];

/** One way to serve a load. */
export interface LoadPoint {
  readonly load: number;
  readonly replicas: number;
  /** Of one replica. */
  readonly cores: number;
}

/**
 * Busier than this no queue is steady: it grows for as long as it lasts. The
 * formula has its pole at 1; from here on it goes up with the load alone, so
 * that of two states that cannot keep up the better one is known.
 */
export const fullest = 0.95;

/** The part of a replica's CPU that its part of the load takes; above 1 it cannot keep up. */
export function busyOf([, , , p3]: LoadParameters, { load, replicas, cores }: LoadPoint): number {
  return (load * p3) / (replicas * cores);
}

/**
 * L = p0 + p1/min(1, c) + (p2/c)·ρ^(√(2(max(1, c)+1)) − 1)/(1 − ρ), with c cores
 * a replica and ρ = p3·load/(n·c): what takes no CPU, a request by itself, which
 * one core serves, and the wait. The wait is Pollaczek and Khinchine's of M/G/1
 * (Kleinrock, Queueing Systems I, 1975, 5.6) up to one core, and above it
 * Sakasegawa's approximation of M/G/c (Annals of the Institute of Statistical
 * Mathematics 29, 1977). Percentiles are taken to be a multiple of the mean, as
 * M/M/1's are. In the unit of the KPI; p3 in cores for one of the load's unit.
 */
export function loadLatency(parameters: LoadParameters, point: LoadPoint): number {
  const [p0, p1, p2] = parameters;
  const { cores } = point;
  const asked = busyOf(parameters, point);
  const busy = Math.min(fullest, asked);
  const beyond = Math.max(1, asked / fullest);
  const exponent = Math.sqrt(2 * (Math.max(1, cores) + 1)) - 1;
  return p0 + p1 / Math.min(1, cores) + (beyond * (p2 / cores) * busy ** exponent) / (1 - busy);
}

/** What a model says of one point. */
export interface LoadForecast {
  readonly latency: number;
  /** Above `mostBusy` nothing was seen: it may be slower than said, and is no faster than what was seen. */
  readonly busy: number;
}

/** Whether a model tells anything of a load. */
export function knowsLoad(model: LoadModel | undefined, load: number | null): model is LoadModel {
  return model !== undefined && load !== null && load <= model.loadRange[1];
}

/**
 * The latency to expect. Below the least load that was seen that load is taken.
 *
 * @returns null where no such number, size or load was seen, which is never guessed
 */
export function predictLoad(model: LoadModel, point: LoadPoint): LoadForecast | null {
  const { replicaRange, coreRange, loadRange, parameters } = model;
  if (!knowsLoad(model, point.load) || !isWithin(point.replicas, replicaRange) || !isWithin(point.cores, coreRange))
    return null;
  const at = { ...point, load: Math.max(point.load, loadRange[0]) };
  return { latency: loadLatency(parameters, at), busy: busyOf(parameters, at) };
}

function isWithin(value: number, [least, most]: readonly [number, number]): boolean {
  return value >= least && value <= most;
}
