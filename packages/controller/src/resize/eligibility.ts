import type { PodState } from "../cluster/pod.ts";

/** Why a pod is left alone. */
export interface Ineligibility {
  /** One word, for conditions and events. */
  readonly reason: string;
  readonly message: string;
}

type Rule = (pod: PodState) => string | false;

/**
 * The rules of the resize API (KEP-1287, ValidatePodResize) that no allocation
 * can satisfy, each with its reason. The first that applies is told.
 */
const rules: Readonly<Record<string, Rule>> = {
  MirrorPod: (pod) => (pod.mirror || pod.configHash !== "") && "static pods cannot be resized",
  WindowsPod: (pod) => pod.windows && "windows pods cannot be resized",
  BestEffort: (pod) => pod.qos === "BestEffort" && "any CPU request would change its QoS class",
  PodLevelResources: (pod) => pod.podLevelResources && "resources are set for the pod as a whole",
  SystemCritical: (pod) =>
    pod.priorityClass.startsWith("system-") && `a resize of ${pod.priorityClass} could evict other pods`,
  RestartsOnResize: (pod) => {
    const one = pod.containers.find(({ restartsOnCpuResize }) => restartsOnCpuResize);
    return one !== undefined && `container ${one.name} would be restarted by a CPU resize`;
  },
  NoCpuRequest: (pod) => {
    const one = pod.containers.find(({ desired }) => desired.requestMilli === null);
    return one !== undefined && `container ${one.name} has no CPU request, and one once added cannot be removed`;
  },
  NodeTooOld: (pod) => {
    const one = pod.containers.find(({ running, actual }) => running && actual === null);
    return one !== undefined && `the node of container ${one.name} does not report its resources`;
  },
};

/** The reason not to resize this pod ever, or null where there is none. */
export function ineligibility(pod: PodState): Ineligibility | null {
  for (const [reason, rule] of Object.entries(rules)) {
    const message = rule(pod);
    if (message !== false) return { reason, message };
  }
  return null;
}

/** Whether it can be resized at this moment: all containers run and it is to stay. */
export function isResizableNow(pod: PodState): boolean {
  return pod.phase === "Running" && !pod.terminating && pod.containers.every(({ running }) => running);
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
