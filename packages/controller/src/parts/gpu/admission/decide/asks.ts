import { ordinalOf } from "../../decide/map/check.ts";
import { pluginResource } from "../../decide/schedule/pod.ts";
import { gpuAnnotations } from "../../observe/cluster/names.ts";
import { annotationPrefix, pluginResourcePrefix } from "../names.ts";
import type { IncomingContainer, IncomingPod } from "./pod.ts";

/**
 * Whether a pod of our scheduler may be given GPUs by the variable alone. What is not sure counts as yes: an owner or an ordinal may
 * be named by a map, and a variable that stays empty hides all GPUs from who was given none. From who gets his of a device plugin or by
 * a claim it would hide just those.
 */
export function mayHaveByVariable(pod: IncomingPod): boolean {
  const { metadata } = pod;
  if (isServedByKubelet(pod)) return false;
  return (
    Object.keys(metadata.annotations ?? {}).some(
      (key) => key === gpuAnnotations.map || key.startsWith(annotationPrefix),
    ) ||
    (metadata.ownerReferences ?? []).length > 0 ||
    ordinalOf(metadata.name ?? "") !== null
  );
}

/** Whether the kubelet is to give it GPUs of the device plugin. */
export function asksPlugin(pod: IncomingPod): boolean {
  return containersOf(pod).some((container) => requests(container, (name) => name === pluginResource));
}

/** Whether the kubelet gives it what it has: of whole GPUs or MIG devices, by a plugin or by a claim. */
function isServedByKubelet(pod: IncomingPod): boolean {
  const isPlugins = (name: string): boolean => name.startsWith(pluginResourcePrefix);
  return (
    (pod.spec.resourceClaims ?? []).length > 0 || containersOf(pod).some((container) => requests(container, isPlugins))
  );
}

function containersOf({ spec }: IncomingPod): readonly IncomingContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

function requests({ resources }: IncomingContainer, wanted: (name: string) => boolean): boolean {
  const amounts = [...Object.entries(resources?.limits ?? {}), ...Object.entries(resources?.requests ?? {})];
  return amounts.some(([name, amount]) => wanted(name) && Number(amount) !== 0);
}
