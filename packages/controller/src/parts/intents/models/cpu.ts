/** Of how latency follows the CPU of a container. */
export interface CpuModel {
  /** Sets of p0, p1, p2; the first that can reach a target is believed. */
  readonly parameters: readonly CpuParameters[];
  /** Somebody's word: it is believed everywhere, and before what is measured. */
  readonly pinned: boolean;
  /** Cores that were seen, least and most; null: not told. */
  readonly coreRange: readonly [number, number] | null;
  /** Standard deviation of what was seen around the model; 0: not told. */
  readonly deviation: number;
}

export type CpuParameters = readonly [number, number, number];

/** The prototype's formula: L(c) = p0·e^(−p1·c) + p2, in the unit of the KPI, with c in cores. */
export function cpuLatency([p0, p1, p2]: CpuParameters, cores: number): number {
  return p0 * Math.exp(-p1 * cores) + p2;
}

/** The set of parameters that can come below `target`; the first where none can. */
export function parametersFor({ parameters }: CpuModel, target: number): CpuParameters | null {
  return parameters.find((one) => one[2] < target) ?? parameters[0] ?? null;
}

/** Cores at which the latency is `target`; null where no CPU brings it there. */
export function coresFor([p0, p1, p2]: CpuParameters, target: number): number | null {
  const share = (target - p2) / p0;
  return share > 0 && p1 > 0 ? Math.max(0, -Math.log(share) / p1) : null;
}
