import { ordinalOf } from "../../decide/map/check.ts";
import { pluginResource } from "../../decide/schedule/pod.ts";
import { gpuAnnotations } from "../../observe/cluster/names.ts";
import { annotationPrefix, pluginResourcePrefix } from "../names.ts";
import type { IncomingContainer, IncomingPod } from "./pod.ts";

/**
 * Whether a pod of our scheduler may be given a GPU. What is not sure counts as yes: an owner or an ordinal may be named by a map,
 * and a variable that stays empty hides all GPUs from who was given none.
 */
export function mayHaveGpu(pod: IncomingPod): boolean {
  const { metadata, spec } = pod;
  return (
    Object.keys(metadata.annotations ?? {}).some(
      (key) => key === gpuAnnotations.map || key.startsWith(annotationPrefix),
    ) ||
    containersOf(pod).some((container) => requests(container, (name) => name.startsWith(pluginResourcePrefix))) ||
    (spec.resourceClaims ?? []).length > 0 ||
    (metadata.ownerReferences ?? []).length > 0 ||
    ordinalOf(metadata.name ?? "") !== null
  );
}

/** Whether the kubelet is to give it GPUs of the device plugin. */
export function asksPlugin(pod: IncomingPod): boolean {
  return containersOf(pod).some((container) => requests(container, (name) => name === pluginResource));
}

/** Whether nothing but the variable gives the pod its GPUs: no device plugin does, and no claim. */
export function byVariableAlone(pod: IncomingPod): boolean {
  return !asksPlugin(pod) && (pod.spec.resourceClaims ?? []).length === 0;
}

function containersOf({ spec }: IncomingPod): readonly IncomingContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

function requests({ resources }: IncomingContainer, wanted: (name: string) => boolean): boolean {
  const amounts = [...Object.entries(resources?.limits ?? {}), ...Object.entries(resources?.requests ?? {})];
  return amounts.some(([name, amount]) => wanted(name) && Number(amount) !== 0);
}
