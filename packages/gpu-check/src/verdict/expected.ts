/** Where a pod of the map should be. */
export interface ExpectedPod {
  readonly podIndex: number;
  /** As the map has it: a node's name, or its logical one. */
  readonly node: string;
  /** Each a number as nvidia-smi counts, or a UUID. */
  readonly gpus: readonly string[];
  /** Pods that share by the same name may have the same GPU. */
  readonly share: string | null;
}

/** A map, and what its names stand for. */
export interface Expected {
  readonly pods: readonly ExpectedPod[];
  /** Nodes by logical name: of the label `gpu-node-name`. More than one is one too many. */
  readonly nodesByLabel: ReadonlyMap<string, readonly string[]>;
  /** UUIDs that the scheduler says it chose, by pod index: believed where no pod sees which number has which UUID. */
  readonly chosen: ReadonlyMap<number, readonly string[]>;
}
