/** A node as its agent last saw it. */
export interface NodeReading {
  readonly atMs: number;
  /** 0..1 over 30 s; null while unknown. */
  readonly busyFraction: number | null;
  /** What was used in the last window of the whole node; null while unknown. */
  readonly used: NodeUse | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryAvailableBytes: number | null;
}

/** CPU in use on a node: a share of all its CPU, or of its allocatable where it shares its machine with others. */
export interface NodeUse {
  /** 0..1 */
  readonly fraction: number;
  readonly of: "capacity" | "allocatable";
}

/** One container as its agent last saw it. */
export interface ContainerReading {
  readonly podUid: string;
  readonly containerId: string;
  /** Arrival of the report on the controller's monotonic clock. */
  readonly atMs: number;
  readonly usageMilli: number;
  /** 0..1; null where no quota is enforced */
  readonly throttledRatio: number | null;
  readonly throttledMilli: number;
  /** 0..1; null where the kernel does not tell */
  readonly pressureRatio: number | null;
  /** null: unlimited, or not told yet */
  readonly quotaMilli: number | null;
}
