/** What the scheduler writes on a pod, and its containers read by the kubelet: UUIDs, parted by commas. */
export const devicesAnnotation = "gpu.walras.io/devices";
const enforcedByAnnotation = "gpu.walras.io/enforced-by";

/** Annotations that only the scheduler gives a meaning to; whoever creates a pod has no say in them. */
export const schedulersAnnotations: readonly string[] = [devicesAnnotation, enforcedByAnnotation];

/** What users ask by. */
export const annotations = {
  /** The prototype's: `0=node1:0,1`. */
  map: "gpu-scheduling-map",
  /** Thousandths of a GPU, 1 to 1000; or whole ones, in thousands. */
  milli: "gpu.walras.io/milli",
  /** Pods that start together or not at all, and how many they are. */
  gang: "gpu.walras.io/gang",
  gangSize: "gpu.walras.io/gang-size",
} as const;

export const annotationPrefix = "gpu.walras.io/";
export const pluginResource = "nvidia.com/gpu";
export const pluginResourcePrefix = "nvidia.com/";

/** Pods of these are the cluster's own: the webhook is not for them, whatever they say. */
export const systemNamespaces: readonly string[] = ["kube-system", "kube-public", "kube-node-lease"];
