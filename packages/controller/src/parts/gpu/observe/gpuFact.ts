/** A GPU, as the agent of its node sees it. */
export interface GpuFact {
  readonly uuid: string;
  readonly index: number;
  readonly model: string;
  readonly memoryMiB: number | null;
  readonly unhealthy: string | null;
  /** Pods and processes that hold it: by the kubelet, by process. */
  readonly holders: readonly { readonly namespace: string; readonly pod: string; readonly by: "kubelet" | "process" }[];
  /** Of processes in no known container. */
  readonly foreignPids: readonly number[];
  /** "pending": another mode than the present one waits for a reset; null or left out: it knows no MIG. */
  readonly mig?: "disabled" | "enabled" | "pending" | null;
  /** In the order of their numbers. */
  readonly migDevices?: readonly {
    readonly uuid: string;
    readonly profile: string;
    readonly memoryTotalMiB: number | null;
  }[];
}
