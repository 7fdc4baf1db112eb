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
  /** Containers that a change of CPU restarts. */
  readonly restartsOnCpu: ReadonlySet<string>;
}

/** @throws FieldError where a quantity cannot be read */
export function viewOf(pod: KubeObject): PodView {
  const { metadata, spec } = pod;
  const containers = mapsOf(spec?.["containers"]);
  const resources = containers.map((one, index) => resourcesOf(one, `spec.containers[${index}]`));
  return {
    ...identityOf(metadata),
    qos: (asText(pod.status?.["qosClass"]) || qosClassOf(pod)) as QosClass,
    priority: Number(spec?.["priority"] ?? 0),
    resources: new Map(resources.map((one, index) => [asText(containers[index]?.["name"]), one])),
    restartsOnCpu: new Set(containers.filter(restartsForCpu).map((one) => asText(one["name"]))),
  };
}

function identityOf(metadata: ObjectMeta): Omit<PodView, "qos" | "priority" | "resources" | "restartsOnCpu"> {
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
