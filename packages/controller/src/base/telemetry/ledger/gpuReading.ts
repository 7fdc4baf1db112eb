/** The GPUs of a node as its agent last told of them. */
export interface GpusReading {
  /** When they were read on the node, on the controller's monotonic clock. */
  readonly atMs: number;
  /** null: the agent does not say */
  readonly source: "nvidia-smi" | "proc" | null;
  /** Why nothing or only a part is known; null: all is well. */
  readonly trouble: string | null;
  /** Why it is not known who holds what by the kubelet; null: it is. */
  readonly holdersTrouble: string | null;
  /** Why it is not known what device plugins offer; null: it is. */
  readonly offersTrouble: string | null;
  readonly gpus: readonly GpuReading[];
}

/** One GPU; null: not known. */
export interface GpuReading {
  readonly uuid: string;
  /** As nvidia-smi counts; may change at each boot. */
  readonly index: number;
  /** N of /dev/nvidiaN */
  readonly minor: number | null;
  readonly pciBusId: string;
  readonly model: string;
  readonly memoryTotalMiB: number | null;
  readonly memoryUsedMiB: number | null;
  /** 0..1 */
  readonly utilisation: number | null;
  readonly powerWatts: number | null;
  readonly temperatureCelsius: number | null;
  readonly mig: "disabled" | "enabled" | "pending" | null;
  readonly migDevices: readonly MigReading[];
  readonly uncorrectedEcc: number | null;
  readonly xid: number | null;
  /** Why it is not healthy; null: it is, as far as known. */
  readonly unhealthy: string | null;
  /** Containers that hold it, or a part of it, as the kubelet says. */
  readonly held: readonly HeldReading[];
  /** Resources as which device plugins offer it. */
  readonly offeredAs: readonly string[];
  readonly processes: readonly ProcessReading[] | null;
  /** Processes that the report had no room for. */
  readonly processesLeftOut: number;
}

interface MigReading {
  readonly uuid: string;
  readonly profile: string;
  readonly gpuInstance: number;
  readonly computeInstance: number;
  readonly memoryTotalMiB: number | null;
}

export interface HeldReading {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly resource: string;
  /** null: the agent does not say */
  readonly by: "devicePlugin" | "dra" | null;
}

export interface ProcessReading {
  readonly pid: number;
  readonly name: string;
  readonly memoryUsedMiB: number | null;
  readonly place: "container" | "outside" | "unknown";
  /** Empty in no container. */
  readonly containerId: string;
  /** UID of the pod, or config hash of a static one; empty where it is not told. */
  readonly podName: string;
}
