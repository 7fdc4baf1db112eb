import { gpuAnnotations } from "../observe/cluster/names.ts";

/** Annotations that only the scheduler gives a meaning to; whoever creates a pod has no say in them. */
export const schedulersAnnotations: readonly string[] = [gpuAnnotations.devices, gpuAnnotations.enforcedBy];

export const annotationPrefix = "gpu.walras.io/";
export const pluginResourcePrefix = "nvidia.com/";

/** Pods of these are the cluster's own: the webhook is not for them, whatever they say. */
export const systemNamespaces: readonly string[] = ["kube-system", "kube-public", "kube-node-lease"];
