/** Of how latency follows load and the number of replicas. */
export interface ReplicaModel {
  /** p0…p3, none of them negative. */
  readonly parameters: readonly [number, number, number, number];
  /** t = load · scale[0] + scale[1]. */
  readonly scale: readonly [number, number];
  /** Somebody's word: it is believed before what is measured. */
  readonly pinned: boolean;
  /** Replicas that were seen, least and most. */
  readonly replicaRange: readonly [number, number];
  /** Loads that were seen, least and most; null: not told. */
  readonly loadRange: readonly [number, number] | null;
  /** Standard deviation of what was seen around the model; 0: not told. */
  readonly deviation: number;
}

/**
 * The prototype's formula: L(t, n) = p0·e^(p1·t) / (p2·e^(p3·t·n)), in the unit
 * of the KPI, with t the scaled load and n the number of replicas.
 */
export function replicaLatency(parameters: ReplicaModel["parameters"], t: number, replicas: number): number {
  const [p0, p1, p2, p3] = parameters;
  return (p0 / p2) * Math.exp((p1 - p3 * replicas) * t);
}

/**
 * The latency to expect of `replicas` under `load`. Below the least load that
 * was seen that load is taken: latency is not expected to rise when load falls.
 *
 * @returns null where nothing like it was seen, which is never guessed
 */
export function predictReplicas(model: ReplicaModel, load: number, replicas: number): number | null {
  const [, mostReplicas] = model.replicaRange;
  const [leastLoad, mostLoad] = model.loadRange ?? [-Infinity, Infinity];
  if (replicas < 1 || replicas > mostReplicas || load > mostLoad) return null;
  const [factor, offset] = model.scale;
  return replicaLatency(model.parameters, Math.max(load, leastLoad) * factor + offset, replicas);
}
