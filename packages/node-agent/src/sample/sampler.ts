import type { BusySource } from "@walras/proto";

/** Of what to sample. */
export interface Wanted {
  /** The pod's UID by container id; null: every container that is there. */
  readonly podUidOf: ReadonlyMap<string, string> | null;
  /** UIDs and config hashes of the node's pods: they tell which tree is the node's own. */
  readonly podNames: ReadonlySet<string>;
  /** The node's allocatable CPU in thousandths of a core; null while not known. */
  readonly allocatableMilli: number | null;
}

/** One container over one window. */
export interface ContainerSample {
  readonly podUid: string;
  /** Without its runtime's prefix. */
  readonly containerId: string;
  /** "containerd", "cri-o", "docker", or empty where the path does not tell. */
  readonly runtime: string;
  /** CPU used, in thousandths of a core. */
  readonly usageMilli: number;
  /** 0..1: throttled periods over periods, the larger of container's and pod's; null where no period ended. */
  readonly throttledRatio: number | null;
  /** Time spent throttled, summed over run queues, in thousandths of a core. */
  readonly throttledMilli: number;
  /** 0..1: share of the window in which some task waited for CPU; null where the kernel does not tell. */
  readonly pressureRatio: number | null;
  /** Thousandths of a core; null where unlimited. */
  readonly quotaMilli: number | null;
  readonly podQuotaMilli: number | null;
  /** cpu.shares on v1, cpu.weight on v2; null where the kernel does not tell. */
  readonly sharesOrWeight: number | null;
}

/** The node itself; null is unknown. */
export interface NodeLoad {
  /** 0..1 over the last 30 s. */
  readonly busyFraction: number | null;
  /** 0..1 over the window of the reading, of the same source. */
  readonly windowBusyFraction: number | null;
  readonly busySource: BusySource;
  readonly memoryTotalBytes: number | null;
  readonly memoryAvailableBytes: number | null;
}

/** A node over one window. A container whose window is not known is not in it: unknown is not zero. */
export interface NodeReading {
  readonly windowMs: number;
  /** Wall clock, for people. */
  readonly capturedUnixMs: number;
  readonly node: NodeLoad;
  readonly containers: readonly ContainerSample[];
}

/** Takes a sample of a node: the window goes from one call to the next. */
export interface Sampler {
  sample(wanted: Wanted): NodeReading;
}

/** Everything that is there: for looking at a machine without a controller. */
export const everything: Wanted = { podUidOf: null, podNames: new Set(), allocatableMilli: null };

/** Nothing yet: the controller has not said what is on the node. */
export const nothingYet: Wanted = { podUidOf: new Map(), podNames: new Set(), allocatableMilli: null };
