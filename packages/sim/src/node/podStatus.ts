import type { JsonMap, KubeObject } from "../apiserver/index.ts";
import { containersOf, initContainersOf, isSidecar } from "../apiserver/kinds/podResources.ts";
import { asText, mapsOf } from "../apiserver/objects/model.ts";
import type { RunningContainer, RunningPod } from "./runningPod.ts";

/** What a status says of the node. */
export interface StatusContext {
  readonly hostAddress: string;
  /** The scheme of container ids. */
  readonly runtime: string;
  /** Wall time in milliseconds as the API writes it: whole seconds. */
  readonly timeOf: (wallMs: number) => string;
}

/** status of a pod, as a kubelet of Kubernetes 1.36 writes it. */
export function podStatus(object: KubeObject, pod: RunningPod, context: StatusContext): JsonMap {
  const base = { ...object.status, observedGeneration: pod.observedGeneration };
  if (pod.phase === "Pending") return base;
  if (pod.rejection !== null) return { ...base, phase: "Failed", ...rejected(pod.rejection) };
  return {
    ...base,
    phase: pod.phase,
    hostIP: context.hostAddress,
    hostIPs: [{ ip: context.hostAddress }],
    podIP: pod.ip,
    podIPs: [{ ip: pod.ip }],
    startTime: pod.startTime,
    conditions: [...resizeConditions(pod, context), ...lifeConditions(object, pod)],
    ...statusesOf(object, pod, context),
  };
}

function statusesOf(object: KubeObject, pod: RunningPod, context: StatusContext): JsonMap {
  const sidecars = initContainersOf(object).filter(isSidecar);
  return {
    ...(sidecars.length > 0
      ? { initContainerStatuses: sidecars.map((spec) => containerStatus(spec, pod, context)) }
      : {}),
    containerStatuses: containersOf(object).map((spec) => containerStatus(spec, pod, context)),
  };
}

/** "OutOfcpu" and the message of a pod that does not fit. */
function rejected(message: string): JsonMap {
  const resource = /resource: (\w+)/.exec(message)?.[1] ?? "resource";
  return { reason: `OutOf${resource}`, message: `Pod was rejected: ${message}` };
}

function resizeConditions(pod: RunningPod, { timeOf }: StatusContext): readonly JsonMap[] {
  const { pending, inProgress } = pod;
  const conditions: JsonMap[] = [];
  if (pending) {
    const { reason, message, generation, sinceMs } = pending;
    conditions.push({ ...condition("PodResizePending", generation, timeOf(sinceMs)), reason, message });
  }
  if (inProgress) conditions.push(condition("PodResizeInProgress", inProgress.generation, timeOf(inProgress.sinceMs)));
  return conditions;
}

const lifeTypes = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"] as const;

function lifeConditions(object: KubeObject, pod: RunningPod): readonly JsonMap[] {
  const scheduled = mapsOf(object.status?.["conditions"]).find(({ type }) => type === "PodScheduled");
  const scheduledAt = asText(scheduled?.["lastTransitionTime"]) || pod.startTime;
  const own = lifeTypes.map((type) => condition(type, pod.observedGeneration, pod.startTime));
  return [...own, condition("PodScheduled", pod.observedGeneration, scheduledAt)];
}

function condition(type: string, observedGeneration: number, lastTransitionTime: string): JsonMap {
  return { type, status: "True", lastProbeTime: null, lastTransitionTime, observedGeneration };
}

function containerStatus(spec: JsonMap, pod: RunningPod, { runtime }: StatusContext): JsonMap {
  const name = asText(spec["name"]);
  const image = asText(spec["image"]);
  const actual = pod.actual.get(name);
  const resources = { ...nonEmpty("limits", actual?.limits), ...nonEmpty("requests", actual?.requests) };
  return {
    name,
    image,
    imageID: `sha256:${image}`,
    restartCount: pod.containers.get(name)?.restarts ?? 0,
    ...lifeOf(pod.containers.get(name), runtime),
    lastState: {},
    ...nonEmpty("allocatedResources", pod.allocated.get(name)?.requests),
    resources,
  };
}

function lifeOf(container: RunningContainer | undefined, runtime: string): JsonMap {
  if (!container) return { ready: false, started: false, state: { waiting: { reason: "ContainerCreating" } } };
  const { id, startedAt, endedAt } = container;
  const containerID = `${runtime}://${id}`;
  if (endedAt === undefined) return { containerID, ready: true, started: true, state: { running: { startedAt } } };
  const terminated = { containerID, exitCode: 0, reason: "Completed", startedAt, finishedAt: endedAt };
  return { containerID, ready: false, started: false, state: { terminated } };
}

function nonEmpty(field: string, amounts: JsonMap | undefined): JsonMap {
  return amounts && Object.keys(amounts).length > 0 ? { [field]: amounts } : {};
}
