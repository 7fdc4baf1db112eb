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

/** When the stream that tells of a container has spoken, on the controller's monotonic clock. */
export interface StreamMoments {
  lastMs: number;
  /** The time before that. */
  beforeMs: number;
}

/**
 * One container as its agent last told of it; what the same stream does not mention later is unchanged, and so as fresh as the
 * stream. There is one for each container, which changes with what is told: who keeps something of it takes a copy.
 */
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
  readonly stream: Readonly<StreamMoments>;
}
