import { type Millicores, parseCpu, parseQuantity } from "@walras/kit";

import {
  asMap,
  asText,
  type JsonMap,
  type KubeObject,
  mapsOf,
  type ObjectMeta,
  valueAt,
} from "../apiserver/objects/model.ts";
import { containersOf, initContainersOf, isSidecar } from "../apiserver/kinds/podResources.ts";
import { qosClassOf } from "../apiserver/kinds/qos.ts";
import type { CpuSettings } from "./actuation.ts";
import type { QosClass } from "./cgroupNames.ts";

/** Where a pod is at the API server. */
export interface PodKey {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** The resources of one container, in the API's form and in numbers. */
export interface ContainerResources extends CpuSettings {
  readonly memoryRequestBytes: number;
  /** resources.requests and resources.limits as they stand in the object. */
  readonly requests: JsonMap;
  readonly limits: JsonMap;
}

/** The resources of a pod's containers, by name. */
export type PodResources = ReadonlyMap<string, ContainerResources>;

/** The part of a pod that a kubelet acts on. */
export interface PodView extends PodKey {
  readonly generation: number;
  readonly qos: QosClass;
  readonly priority: number;
  /** What its cgroup is called by: the UID, or a static pod's config hash. */
  readonly cgroupName: string;
  readonly mirror: boolean;
  /** Seconds left to stop; null while it is to run. */
  readonly graceSeconds: number | null;
  readonly resources: PodResources;
  /** Requests for the pod as a whole; 0 where there are none. */
  readonly ownRequests: Requests;
  /** The most that runs at a time before the main containers do. */
  readonly initRequests: Requests;
  /** Of what runs the pod. */
  readonly overhead: Requests;
  /** Whether a container that has ended is started anew. */
  readonly restarts: boolean;
  /** Containers that a change of CPU restarts. */
  readonly restartsOnCpu: ReadonlySet<string>;
}

/** @throws FieldError where a quantity cannot be read */
export function viewOf(pod: KubeObject): PodView {
  const { metadata, spec } = pod;
  const containers = keptRunning(pod);
  const resources = containers.map((one, index) => resourcesOf(one, `spec.containers[${index}]`));
  return {
    ...identityOf(metadata),
    qos: (asText(pod.status?.["qosClass"]) || qosClassOf(pod)) as QosClass,
    priority: Number(spec?.["priority"] ?? 0),
    resources: new Map(resources.map((one, index) => [asText(containers[index]?.["name"]), one])),
    ownRequests: amountsOf(asMap(asMap(spec?.["resources"])["requests"])),
    initRequests: initRequestsOf(pod),
    overhead: amountsOf(asMap(spec?.["overhead"])),
    restarts: (asText(spec?.["restartPolicy"]) || "Always") === "Always",
    restartsOnCpu: new Set(containers.filter(restartsForCpu).map((one) => asText(one["name"]))),
  };
}

/** Its containers and its sidecars. */
function keptRunning(pod: KubeObject): readonly JsonMap[] {
  return [...containersOf(pod), ...initContainersOf(pod).filter(isSidecar)];
}

function amountsOf(requests: JsonMap): Requests {
  const { requestMilli, memoryRequestBytes } = resourcesOf({ resources: { requests } }, "spec");
  return { cpu: requestMilli, memory: memoryRequestBytes };
}

/** Each init container runs by itself, beside the sidecars before it; the scheduler keeps the room for the pod's life. */
function initRequestsOf(pod: KubeObject): Requests {
  let sidecars: Requests = nothing;
  let most: Requests = nothing;
  for (const container of initContainersOf(pod)) {
    const together = plus(sidecars, amountsOf(asMap(valueAt(container, ["resources", "requests"]))));
    if (isSidecar(container)) sidecars = together;
    most = { cpu: Math.max(most.cpu, together.cpu), memory: Math.max(most.memory, together.memory) };
  }
  return most;
}

const nothing: Requests = { cpu: 0, memory: 0 };

function plus(one: Requests, other: Requests): Requests {
  return { cpu: one.cpu + other.cpu, memory: one.memory + other.memory };
}

function identityOf(
  metadata: ObjectMeta,
): Pick<PodView, keyof PodKey | "generation" | "cgroupName" | "mirror" | "graceSeconds"> {
  const { namespace = "", name, uid = "", generation = 1, annotations = {} } = metadata;
  return {
    namespace,
    name,
    uid,
    generation,
    cgroupName: annotations["kubernetes.io/config.hash"] ?? uid,
    mirror: annotations["kubernetes.io/config.mirror"] !== undefined,
    graceSeconds: metadata.deletionTimestamp ? (metadata.deletionGracePeriodSeconds ?? 0) : null,
  };
}

function resourcesOf(container: JsonMap, field: string): ContainerResources {
  const requests = asMap(valueAt(container, ["resources", "requests"]));
  const limits = asMap(valueAt(container, ["resources", "limits"]));
  const limitMilli = milliOf(limits["cpu"], `${field}.resources.limits.cpu`);
  const memory = textOf(requests["memory"] ?? limits["memory"]);
  return {
    requestMilli: milliOf(requests["cpu"], `${field}.resources.requests.cpu`) ?? limitMilli ?? 0,
    limitMilli,
    memoryRequestBytes: memory === "" ? 0 : parseQuantity(memory, `${field}.resources.requests.memory`),
    requests,
    limits,
  };
}

/** Requests that a container's status tells of, as a container's resources. */
export function resourcesOfStatus(requests: JsonMap): ContainerResources {
  return resourcesOf({ resources: { requests } }, "status.containerStatuses[]");
}

function milliOf(value: unknown, field: string): Millicores | null {
  const text = textOf(value);
  return text === "" ? null : parseCpu(text, field);
}

/** A quantity may be given as a number. */
function textOf(value: unknown): string {
  return typeof value === "number" ? String(value) : asText(value);
}

function restartsForCpu(container: JsonMap): boolean {
  return mapsOf(container["resizePolicy"]).some(
    (policy) => policy["resourceName"] === "cpu" && policy["restartPolicy"] === "RestartContainer",
  );
}

/** Requests of a pod in the units that the kubelet's messages use: millicores and bytes. */
export interface Requests {
  readonly cpu: number;
  readonly memory: number;
}

/** What the pod asks for: the larger of several states, container by container. */
export function requestsOf(...states: readonly PodResources[]): Requests {
  const names = new Set(states.flatMap((state) => [...state.keys()]));
  let [cpu, memory] = [0, 0];
  for (const name of names) {
    cpu += Math.max(...states.map((state) => state.get(name)?.requestMilli ?? 0));
    memory += Math.max(...states.map((state) => state.get(name)?.memoryRequestBytes ?? 0));
  }
  return { cpu, memory };
}

/**
 * What a pod counts for: the most that runs at a time, or what is asked for it
 * as a whole where that is more (KEP-2837), and its overhead.
 */
export function countedFor(
  { ownRequests: own, initRequests: init, overhead }: Pick<PodView, "ownRequests" | "initRequests" | "overhead">,
  ...states: readonly PodResources[]
): Requests {
  const { cpu, memory } = requestsOf(...states);
  return plus({ cpu: Math.max(cpu, own.cpu, init.cpu), memory: Math.max(memory, own.memory, init.memory) }, overhead);
}

/** Whether two states of a pod are the same in what the kubelet enforces. */
export function sameResources(left: PodResources, right: PodResources): boolean {
  return [...left].every(([name, one]) => {
    const other = right.get(name);
    return (
      other !== undefined &&
      one.requestMilli === other.requestMilli &&
      one.limitMilli === other.limitMilli &&
      one.memoryRequestBytes === other.memoryRequestBytes
    );
  });
}
