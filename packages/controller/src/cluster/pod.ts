import { annotations, managedLabel } from "@walras/api";
import { type Millicores, parseCpu, parseQuantity } from "@walras/kit";
import type {
  V1Container,
  V1ContainerStatus,
  V1Pod,
  V1PodCondition,
  V1ResourceRequirements,
} from "@kubernetes/client-node";

/** CPU and memory of a container; null where not set. */
interface ContainerResources {
  readonly requestMilli: Millicores | null;
  readonly limitMilli: Millicores | null;
}

/** A main container of a pod: what is asked for and what the node made of it. */
export interface ContainerState {
  readonly name: string;
  /** spec: what is desired. */
  readonly desired: ContainerResources;
  /** status.containerStatuses[].resources: what is enforced; null until the node tells. */
  readonly actual: ContainerResources | null;
  /** status.containerStatuses[].allocatedResources: what the node has admitted. */
  readonly allocatedMilli: Millicores | null;
  readonly memoryRequestBytes: number | null;
  readonly memoryLimitBytes: number | null;
  /** A CPU resize would restart it. */
  readonly restartsOnCpuResize: boolean;
  /** Without the runtime's prefix; empty until started. */
  readonly containerId: string;
  readonly running: boolean;
}

/** What the kubelet says of a resize. */
export interface ResizeCondition {
  readonly reason: string;
  readonly message: string;
  /** undefined before Kubernetes 1.34 */
  readonly observedGeneration: number | undefined;
}

/** The part of a Pod that decisions need. */
export interface PodState {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly generation: number;
  readonly phase: string;
  readonly terminating: boolean;
  readonly qos: "Guaranteed" | "Burstable" | "BestEffort";
  readonly priorityClass: string;
  readonly windows: boolean;
  /** Of a static pod; its cgroup is named by it. */
  readonly configHash: string;
  readonly mirror: boolean;
  readonly podLevelResources: boolean;
  /** "true", "false" or absent: the label that opts in or out. */
  readonly managed: string | undefined;
  /** Our annotations only. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerState[];
  /** Requests of everything that is not a main container: sidecars and overhead. */
  readonly sideRequestMilli: Millicores;
  /** What the scheduler counts while init containers may still run. */
  readonly initRequestMilli: Millicores;
  readonly sideContainerIds: readonly string[];
  readonly resizePending: ResizeCondition | null;
  readonly resizeInProgress: ResizeCondition | null;
}

/**
 * A Pod trimmed to what decisions need.
 *
 * @throws FieldError when a quantity cannot be read
 */
export function toPodState(raw: unknown): PodState {
  const pod = raw as V1Pod;
  const { metadata, spec, status } = pod;
  const origin = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
  const statuses = new Map((status?.containerStatuses ?? []).map((one) => [one.name, one]));
  const initStatuses = status?.initContainerStatuses ?? [];
  return {
    uid: metadata?.uid ?? "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    node: spec?.nodeName ?? "",
    generation: metadata?.generation ?? 0,
    phase: status?.phase ?? "Pending",
    terminating: metadata?.deletionTimestamp !== undefined,
    qos: (status?.qosClass ?? "BestEffort") as PodState["qos"],
    priorityClass: spec?.priorityClassName ?? "",
    windows: spec?.os?.name === "windows",
    configHash: metadata?.annotations?.["kubernetes.io/config.hash"] ?? "",
    mirror: metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined,
    podLevelResources: (spec as { resources?: unknown } | undefined)?.resources !== undefined,
    managed: metadata?.labels?.[managedLabel],
    annotations: ourAnnotations(metadata?.annotations),
    containers: (spec?.containers ?? []).map((one) => toContainerState(one, statuses.get(one.name), origin)),
    ...sideRequests(pod, origin),
    sideContainerIds: initStatuses.filter(({ state }) => state?.running).map((one) => bareId(one.containerID)),
    resizePending: resizeCondition(status?.conditions, "PodResizePending"),
    resizeInProgress: resizeCondition(status?.conditions, "PodResizeInProgress"),
  };
}

/** Whether the pod still holds its place on its node. */
export function holdsResources(pod: PodState): boolean {
  return pod.phase !== "Succeeded" && pod.phase !== "Failed";
}

/**
 * What the scheduler and the kubelet count for the pod:
 * max(desired, allocated, actual) of each container (KEP-1287), where an
 * infeasible desire does not count.
 */
export function countedRequestMilli(pod: PodState): Millicores {
  const infeasible = pod.resizePending?.reason === "Infeasible";
  const main = pod.containers.reduce((sum, container) => {
    const desired = infeasible ? 0 : (container.desired.requestMilli ?? 0);
    return sum + Math.max(desired, container.allocatedMilli ?? 0, container.actual?.requestMilli ?? 0);
  }, 0);
  const running = main + pod.sideRequestMilli;
  return pod.phase === "Pending" ? Math.max(running, pod.initRequestMilli) : running;
}

function toContainerState(
  container: V1Container,
  status: V1ContainerStatus | undefined,
  origin: string,
): ContainerState {
  const field = `${origin}.${container.name}`;
  const allocated = status?.allocatedResources?.["cpu"];
  return {
    name: container.name,
    desired: cpuOf(container.resources, field),
    actual: status?.resources ? cpuOf(status.resources, `${field}.status`) : null,
    allocatedMilli: allocated === undefined ? null : parseCpu(allocated, `${field}.allocatedResources.cpu`),
    memoryRequestBytes: bytesOf(container.resources?.requests?.["memory"], `${field}.requests.memory`),
    memoryLimitBytes: bytesOf(container.resources?.limits?.["memory"], `${field}.limits.memory`),
    restartsOnCpuResize: (container.resizePolicy ?? []).some(
      ({ resourceName, restartPolicy }) => resourceName === "cpu" && restartPolicy === "RestartContainer",
    ),
    containerId: bareId(status?.containerID),
    running: status?.state?.running !== undefined,
  };
}

function cpuOf(resources: V1ResourceRequirements | undefined, field: string): ContainerResources {
  const read = (text: string | undefined, kind: string): Millicores | null =>
    text === undefined ? null : parseCpu(text, `${field}.${kind}.cpu`);
  return {
    requestMilli: read(resources?.requests?.["cpu"], "requests"),
    limitMilli: read(resources?.limits?.["cpu"], "limits"),
  };
}

function bytesOf(text: string | undefined, field: string): number | null {
  return text === undefined ? null : parseQuantity(text, field);
}

/** Requests beside the main containers', as the scheduler adds them up (KEP-753). */
function sideRequests(pod: V1Pod, origin: string): Pick<PodState, "sideRequestMilli" | "initRequestMilli"> {
  const overhead = pod.spec?.overhead?.["cpu"];
  const overheadMilli = overhead === undefined ? 0 : parseCpu(overhead, `${origin}.overhead.cpu`);
  let sidecars = 0;
  let highest = 0;
  for (const container of pod.spec?.initContainers ?? []) {
    const request = cpuOf(container.resources, `${origin}.${container.name}`).requestMilli ?? 0;
    if (container.restartPolicy === "Always") sidecars += request;
    else highest = Math.max(highest, sidecars + request);
  }
  return { sideRequestMilli: sidecars + overheadMilli, initRequestMilli: Math.max(highest, sidecars) + overheadMilli };
}

function resizeCondition(conditions: readonly V1PodCondition[] | undefined, type: string): ResizeCondition | null {
  const found = conditions?.find((one) => one.type === type && one.status === "True");
  if (!found) return null;
  return { reason: found.reason ?? "", message: found.message ?? "", observedGeneration: found.observedGeneration };
}

const ourKeys = Object.values(annotations);

function ourAnnotations(all: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const ours: Record<string, string> = {};
  for (const key of ourKeys) {
    const value = all?.[key];
    if (value !== undefined) ours[key] = value;
  }
  return ours;
}

function bareId(containerId: string | undefined): string {
  return containerId?.slice(containerId.indexOf("://") + 3) ?? "";
}
