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
}

/** What agents tell of the GPUs of their nodes. */
export interface GpuFacts {
  /** null: nothing is known of this node. */
  of(node: string): { readonly gpus: readonly GpuFact[]; readonly ageMs: number } | null;
}
