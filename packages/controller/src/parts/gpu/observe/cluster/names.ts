/** What users and this scheduler write on pods and nodes. */
export const gpuAnnotations = {
  /** A scheduling map, as the prototype read it. */
  map: "gpu-scheduling-map",
  /** Thousandths of a GPU, from 1 to 1000; or whole ones, in thousands. */
  milli: "gpu.walras.io/milli",
  /** Models that will do, separated by commas. */
  models: "gpu.walras.io/models",
  /** Profile of the MIG instance that is asked for, such as 1g.10gb. */
  mig: "gpu.walras.io/mig",
  /** "true" or "false": whether it may be evicted so that others have room. */
  movable: "gpu.walras.io/movable",
  gang: "gpu.walras.io/gang",
  gangSize: "gpu.walras.io/gang-size",
  /** UUIDs of the GPUs that were chosen, separated by commas. */
  devices: "gpu.walras.io/devices",
  /** By what the pod is kept to them. */
  enforcedBy: "gpu.walras.io/enforced-by",
} as const;

export const gpuLabels = {
  /** A node's name in scheduling maps. */
  logicalName: "gpu-node-name",
  /** Of all its GPUs, over what agents tell. */
  model: "gpu.walras.io/model",
  /** As NVIDIA's feature discovery writes it. */
  product: "nvidia.com/gpu.product",
} as const;
