/** All of one GPU, in thousandths. */
export const wholeMilli = 1000;

/** A MIG instance: by the number of its GPU, and by its own among that GPU's. */
export interface MigSlot {
  readonly gpu: number;
  readonly number: number;
  /** "1g.10gb"; "": it is not known. */
  readonly profile: string;
}

/** A node and its GPUs, which are numbered from 0. */
export interface GpuNode {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** What is free of each GPU, by its number; all of them where not given. */
  readonly freeMilli?: readonly number[];
  /** All GPUs of a node are of one model; "" is one that nobody asks for by name. */
  readonly model: string;
  /** A GPU with instances is given by these alone. */
  readonly mig?: readonly MigSlot[];
}

/** What a pod asks for. */
export interface GpuPod {
  readonly name: string;
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  /** 0 for a pod of CPU alone; more than 1 are whole ones. */
  readonly gpus: number;
  /** Of each GPU, in thousandths; {@link wholeMilli} where `gpus` is more than 1, 0 where it is 0. */
  readonly gpuMilli: number;
  /** Any of these; empty: any model. */
  readonly models: readonly string[];
  /** Profile of the MIG instance that it asks for; `gpus` is 0 then. */
  readonly mig?: string;
  /** 0 where not given. */
  readonly priority?: number;
  /** Whether less important pods give way to it; true where not given. */
  readonly preempts?: boolean;
}

/** Which GPUs of which node a pod gets, in ascending order; MIG instances by their slots (mig/slot.ts). */
export interface Placement {
  readonly pod: string;
  readonly node: string;
  readonly gpus: readonly number[];
}

/** A pod that gets none, and why. */
export interface Unplaced {
  readonly pod: string;
  readonly reason: string;
}
