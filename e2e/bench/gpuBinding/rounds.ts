/** One round of one scheduler. */
export interface Bound {
  readonly scheduler: string;
  /** That are on a node. */
  readonly pods: number;
  /** From the first creation to the last. */
  readonly createdMs: number;
  /** From the first creation to the last binding. */
  readonly boundMs: number;
  /** GPUs given beyond those that a node has, on the worst node. */
  readonly overbooked: number;
}

export interface Row {
  readonly scheduler: string;
  readonly rounds: number;
  readonly "created in, s": string;
  readonly "bound in, s": string;
  readonly "after the last creation, s": string;
  readonly "pods/s": string;
  readonly "least pods/s": string;
  readonly ratePerSecond: number;
}

/** Of all rounds of a scheduler; the rate is of all its pods in all its time. */
export function rowOf(scheduler: string, all: readonly Bound[]): Row {
  const bound = all.filter((one) => one.scheduler === scheduler);
  const mean = (of: (one: Bound) => number): number => bound.reduce((sum, one) => sum + of(one), 0) / bound.length;
  const rate = (one: Pick<Bound, "pods" | "boundMs">): number => (one.pods / one.boundMs) * 1000;
  const ratePerSecond = rate({ pods: mean(({ pods }) => pods), boundMs: mean(({ boundMs }) => boundMs) });
  return {
    scheduler,
    rounds: bound.length,
    "created in, s": (mean(({ createdMs }) => createdMs) / 1000).toFixed(1),
    "bound in, s": (mean(({ boundMs }) => boundMs) / 1000).toFixed(1),
    "after the last creation, s": (mean(({ boundMs, createdMs }) => boundMs - createdMs) / 1000).toFixed(1),
    "pods/s": ratePerSecond.toFixed(0),
    "least pods/s": Math.min(...bound.map(rate)).toFixed(0),
    ratePerSecond,
  };
}

/** @param nodes of each pod */
export function mostOnOneNode(nodes: readonly string[]): number {
  return Math.max(
    0,
    ...Map.groupBy(nodes, (node) => node)
      .values()
      .map(({ length }) => length),
  );
}
