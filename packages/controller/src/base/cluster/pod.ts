import { annotations, declaredAnnotation, managedLabel } from "@walras/api";
import { type Millicores, parseCpu, parseQuantity } from "@walras/kit";
import type { V1Container, V1ContainerStatus, V1ObjectMeta, V1Pod, V1PodCondition } from "@kubernetes/client-node";

import { interned } from "./interned.ts";
import { sharedLabels } from "./labels.ts";
import { type ContainerResources, cpuOf, requestsBeside, type RequestsBeside } from "./requests.ts";
import { type ForeignCpu, foreignCpuOf, hasSet } from "./resizedBy.ts";
import { type Workload, workloadOf } from "./workload.ts";

/** A container that is to keep running, sidecars included: what is asked for and what the node made of it. */
export interface ContainerState {
  readonly name: string;
  /** An init container that keeps running beside the others (KEP-753). */
  readonly sidecar: boolean;
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
export interface PodState extends RequestsBeside {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** What made it; null: nothing that would make another. */
  readonly workload: Workload | null;
  readonly generation: number;
  readonly phase: string;
  readonly terminating: boolean;
  readonly ready: boolean;
  readonly qos: "Guaranteed" | "Burstable" | "BestEffort";
  readonly priorityClass: string;
  /** spec.runtimeClassName; empty: the node's own */
  readonly runtimeClass: string;
  /** It is to end at some time: spec.activeDeadlineSeconds. */
  readonly deadline: boolean;
  readonly windows: boolean;
  /** Of a static pod; its cgroup is named by it. */
  readonly configHash: string;
  readonly mirror: boolean;
  readonly podLevelResources: boolean;
  /** "true", "false" or absent: the label that opts in or out. */
  readonly managed: string | undefined;
  /** All but those that differ from pod to pod of one workload. */
  readonly labels: Readonly<Record<string, string>>;
  /** Our annotations only. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What it declared was written on it by somebody, or nobody knows by whom, instead of by admission. */
  readonly declaresItself: boolean;
  /** The main ones first, then sidecars. */
  readonly containers: readonly ContainerState[];
  /** Init containers that run and are to end. */
  readonly sideContainerIds: readonly string[];
  /** What of its CPU others have set by a resize. */
  readonly foreignCpu: readonly ForeignCpu[];
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
  const initStatuses = status?.initContainerStatuses ?? [];
  const statuses = new Map([...(status?.containerStatuses ?? []), ...initStatuses].map((one) => [one.name, one]));
  const sidecars = (spec?.initContainers ?? []).filter(isSidecar);
  const kept = new Set(sidecars.map(({ name }) => name));
  return {
    uid: metadata?.uid ?? "",
    namespace: interned(metadata?.namespace ?? ""),
    name: metadata?.name ?? "",
    node: interned(spec?.nodeName ?? ""),
    workload: workloadOf(pod),
    generation: metadata?.generation ?? 0,
    phase: interned(status?.phase ?? "Pending"),
    terminating: metadata?.deletionTimestamp !== undefined,
    ready: (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True"),
    qos: interned(status?.qosClass ?? "BestEffort") as PodState["qos"],
    priorityClass: interned(spec?.priorityClassName ?? ""),
    runtimeClass: spec?.runtimeClassName ?? "",
    deadline: spec?.activeDeadlineSeconds !== undefined,
    windows: spec?.os?.name === "windows",
    configHash: metadata?.annotations?.["kubernetes.io/config.hash"] ?? "",
    mirror: metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined,
    podLevelResources: spec?.resources !== undefined,
    managed: internedOr(metadata?.labels?.[managedLabel]),
    labels: sharedLabels(metadata?.labels),
    annotations: ourAnnotations(metadata?.annotations),
    declaresItself: declaresItself(metadata),
    containers: [...(spec?.containers ?? []), ...sidecars].map((one) =>
      toContainerState(one, statuses.get(one.name), origin),
    ),
    ...requestsBeside(pod, origin),
    sideContainerIds: sideIdsOf(initStatuses, kept),
    foreignCpu: foreignCpuOf(metadata?.managedFields),
    ...resizeConditions(status?.conditions),
  };
}

const noIds: readonly string[] = [];

function sideIdsOf(statuses: readonly V1ContainerStatus[], kept: ReadonlySet<string>): readonly string[] {
  const running = statuses.filter(({ name, state }) => state?.running && !kept.has(name));
  return running.length === 0 ? noIds : running.map((one) => bareId(one.containerID));
}

function internedOr(text: string | undefined): string | undefined {
  return text === undefined ? undefined : interned(text);
}

/** Whether the pod still holds its place on its node. */
export function holdsResources(pod: PodState): boolean {
  return pod.phase !== "Succeeded" && pod.phase !== "Failed";
}

function toContainerState(
  container: V1Container,
  status: V1ContainerStatus | undefined,
  origin: string,
): ContainerState {
  const field = `${origin}.${container.name}`;
  const allocated = status?.allocatedResources?.["cpu"];
  const desired = cpuOf(container.resources, field);
  return {
    name: interned(container.name),
    sidecar: isSidecar(container),
    desired,
    actual: status?.resources ? sharedWith(desired, cpuOf(status.resources, `${field}.status`)) : null,
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

/** Most pods have what they ask for: one object does for both. */
function sharedWith(desired: ContainerResources, actual: ContainerResources): ContainerResources {
  return desired.requestMilli === actual.requestMilli && desired.limitMilli === actual.limitMilli ? desired : actual;
}

function isSidecar({ restartPolicy }: V1Container): boolean {
  return restartPolicy === "Always";
}

function bytesOf(text: string | undefined, field: string): number | null {
  return text === undefined ? null : parseQuantity(text, field);
}

function resizeConditions(
  conditions: readonly V1PodCondition[] | undefined,
): Pick<PodState, "resizePending" | "resizeInProgress"> {
  return {
    resizePending: resizeCondition(conditions, "PodResizePending"),
    resizeInProgress: resizeCondition(conditions, "PodResizeInProgress"),
  };
}

function resizeCondition(conditions: readonly V1PodCondition[] | undefined, type: string): ResizeCondition | null {
  const found = conditions?.find((one) => one.type === type && one.status === "True");
  if (!found) return null;
  return { reason: found.reason ?? "", message: found.message ?? "", observedGeneration: found.observedGeneration };
}

const ourKeys = [...Object.values(annotations), declaredAnnotation];

const noAnnotations: PodState["annotations"] = {};

function ourAnnotations(all: Readonly<Record<string, string>> | undefined): PodState["annotations"] {
  const ours = ourKeys.flatMap((key) => {
    const value = all?.[key];
    return value === undefined ? [] : [[key, interned(value)] as const];
  });
  return ours.length === 0 ? noAnnotations : Object.fromEntries(ours);
}

function declaresItself(metadata: V1ObjectMeta | undefined): boolean {
  return (
    metadata?.annotations?.[declaredAnnotation] !== undefined && hasSet(metadata.managedFields, declaredAnnotation)
  );
}

function bareId(containerId: string | undefined): string {
  return containerId?.slice(containerId.indexOf("://") + 3) ?? "";
}

/** Every container of the pod that has been started, init containers included. */
export function containerIdsOf({ containers, sideContainerIds }: PodState): readonly string[] {
  return [...containers.map(({ containerId }) => containerId), ...sideContainerIds].filter((id) => id !== "");
}
