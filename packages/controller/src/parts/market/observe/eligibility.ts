import type { MarketModeSetting } from "@walras/api";

import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";
import { isSandboxed } from "./sandboxed.ts";

/** Why a pod is left alone. */
export interface Ineligibility {
  /** One word, for conditions and events. */
  readonly reason: string;
  readonly message: string;
}

/** What a pod's eligibility depends on beside the pod itself. */
export interface Terms {
  readonly mode: MarketModeSetting;
  /** The handler of the pod's runtime class; undefined where that is not known. */
  readonly runtimeHandler: string | undefined;
}

type Rule = (pod: PodState, terms: Terms) => string | false;

/**
 * The rules of the resize API (KEP-1287, ValidatePodResize) that no allocation
 * can satisfy, and what cannot be measured or must not be touched, each with
 * its reason. The first that applies is told.
 */
const rules: Readonly<Record<string, Rule>> = {
  MirrorPod: (pod) => (pod.mirror || pod.configHash !== "") && "static pods cannot be resized",
  WindowsPod: (pod) => pod.windows && "windows pods cannot be resized",
  BestEffort: (pod) => pod.qos === "BestEffort" && "any CPU request would change its QoS class",
  PodLevelResources: (pod) => pod.podLevelResources && "resources are set for the pod as a whole",
  SystemCritical: (pod) =>
    pod.priorityClass.startsWith("system-") && `a resize of ${pod.priorityClass} could evict other pods`,
  SandboxedRuntime: (pod, { runtimeHandler }) =>
    isSandboxed(pod.runtimeClass, runtimeHandler) &&
    `what its containers use is not seen from outside: runtime class ${pod.runtimeClass}`,
  GuaranteedRequest: (pod, { mode }) =>
    pod.qos === "Guaranteed" && mode === "requests" && "its requests are its limits, which the mode leaves as they are",
  RestartsOnResize: (pod) => {
    const one = mainContainers(pod).find(({ restartsOnCpuResize }) => restartsOnCpuResize);
    return one !== undefined && `container ${one.name} would be restarted by a CPU resize`;
  },
  NoCpuRequest: (pod) => {
    const one = mainContainers(pod).find(({ desired }) => desired.requestMilli === null);
    return one !== undefined && `container ${one.name} has no CPU request, and one once added cannot be removed`;
  },
  NodeTooOld: (pod) => {
    const one = mainContainers(pod).find(({ running, actual }) => running && actual === null);
    return one !== undefined && `the node of container ${one.name} does not report its resources`;
  },
};

/** The reason not to resize this pod, or null where there is none. */
export function ineligibility(pod: PodState, terms: Terms): Ineligibility | null {
  for (const [reason, rule] of Object.entries(rules)) {
    const message = rule(pod, terms);
    if (message !== false) return { reason, message };
  }
  return null;
}

/** Whether it can be resized at this moment: something in it runs and it is to stay. */
export function isResizableNow(pod: PodState): boolean {
  return isStaying(pod) && pod.containers.some(isSizable);
}

/** Whether it has been started and is to stay, whatever its containers do. */
export function isStaying({ phase, terminating }: PodState): boolean {
  return phase === "Running" && !terminating;
}

/** Whether it has been placed on a node, and none of its containers has been started there yet. */
export function isToStart({ phase, terminating, node, containers }: PodState): boolean {
  return (
    phase === "Pending" && !terminating && node !== "" && containers.every(({ containerId }) => containerId === "")
  );
}

/**
 * Whether a container is sized: it runs, its resources are told, and CPU can be
 * resized without a restart. What ended, waits or asks for nothing stays as it is.
 */
export function isSizable({ running, actual, desired, restartsOnCpuResize }: ContainerState): boolean {
  return running && actual !== null && desired.requestMilli !== null && !restartsOnCpuResize;
}

function mainContainers({ containers }: PodState): readonly ContainerState[] {
  return containers.filter(({ sidecar }) => !sidecar);
}

/**
 * Whether memory alone would make it Guaranteed, so that some CPU request must
 * stay below its limit for the pod to stay Burstable.
 */
export function mustStayBelowLimit(pod: PodState): boolean {
  if (pod.qos !== "Burstable") return false;
  return pod.containers.every(
    ({ desired, memoryLimitBytes, memoryRequestBytes }) =>
      desired.limitMilli !== null &&
      memoryLimitBytes !== null &&
      memoryLimitBytes === (memoryRequestBytes ?? memoryLimitBytes),
  );
}
