/** A part of a GPU that MIG has made a device of its own. */
export interface MigDevice {
  /** As the device plugin and CUDA_VISIBLE_DEVICES name it: `MIG-…`. */
  readonly uuid: string;
  /** "3g.20gb"; "1c.3g.20gb" where it is a part of its GPU instance. */
  readonly profile: string;
  readonly gpuInstance: number;
  readonly computeInstance: number;
  readonly memoryTotalMiB: number | null;
}

/** A process that uses a GPU, by its number on the host. */
export interface GpuProcess {
  readonly pid: number;
  readonly name: string;
  readonly memoryUsedMiB: number | null;
}

/** What the agent reads of one GPU; null: the driver does not say. */
export interface GpuState {
  readonly uuid: string;
  /** The driver's order, which a restart may change. */
  readonly index: number;
  /** Of `/dev/nvidiaN`. */
  readonly minor: number | null;
  /** As in sysfs: "0000:0a:00.0". */
  readonly pciBusId: string;
  readonly model: string;
  readonly memoryTotalMiB: number | null;
  readonly memoryUsedMiB: number | null;
  /** 0..1 */
  readonly utilisation: number | null;
  readonly powerWatts: number | null;
  readonly temperatureCelsius: number | null;
  /** "pending": another mode than the present one waits for a reset; null where the GPU knows no MIG. */
  readonly mig: "disabled" | "enabled" | "pending" | null;
  readonly migDevices: readonly MigDevice[];
  /** Since the driver was loaded. */
  readonly uncorrectedEcc: number | null;
  /** The last Xid, where a source tells it; nvidia-smi tells none. */
  readonly xid: number | null;
  /** Null: healthy as far as known; otherwise why not, in a sentence. */
  readonly unhealthy: string | null;
  readonly processes: readonly GpuProcess[] | null;
}

/** All GPUs of the node at one time. */
export interface GpuReading {
  /** Wall clock. */
  readonly atMs: number;
  /** "proc": identities alone, from the driver's files. */
  readonly source: "nvidia-smi" | "proc";
  /** By index. A GPU that is not in it while there is trouble is unknown, not gone. */
  readonly gpus: readonly GpuState[];
  /** Why nothing or only a part is known; null: all is well. */
  readonly trouble: string | null;
}

/** Knows the node's GPUs. */
export interface GpuReader {
  /** Null before the first reading; its age is `atMs` against now. */
  latest(): GpuReading | null;
}
