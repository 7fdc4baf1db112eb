import { readDeclared, declaredAnnotation } from "@walras/api";
import { parseCpu } from "@walras/kit";

/** As much of any object's metadata as is read here. */
export interface Metadata {
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[];
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

interface Amounts {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

interface Container {
  readonly name: string;
  readonly resources?: Amounts;
  readonly restartPolicy?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly state?: { readonly running?: object };
}

/** A Pod, as far as commands show it. */
export interface Pod {
  readonly metadata: Metadata;
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** A Node, as far as commands show it. */
export interface Node {
  readonly metadata: Metadata;
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly capacity?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
  };
}

/** Neither Succeeded nor Failed: it has what it requests. */
export function isAlive({ status }: Pod): boolean {
  return status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

/** A container's ID without its runtime's prefix; empty before it runs. */
export function containerIdOf({ containerID = "" }: Pick<ContainerStatus, "containerID">): string {
  return containerID.replace(/^[^:]+:\/\//, "");
}

/** IDs of the containers that run, sidecars included. */
export function runningIdsOf({ status }: Pod): readonly string[] {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.filter(({ state }) => state?.running !== undefined).map(containerIdOf);
}

/** Millicores that the pod's spec requests, sidecars included. @throws FieldError */
export function requestMilliOf(pod: Pod): number {
  return keptRunning(pod).reduce((sum, one) => sum + cpuOf(pod, one, "requests"), 0);
}

/** Millicores that its owner declared: what admission has noted down, where it has sized the pod. @throws FieldError */
export function declaredMilliOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[declaredAnnotation];
  const declared = text === undefined ? undefined : readDeclared(text);
  return keptRunning(pod).reduce(
    (sum, one) => sum + (declared?.get(one.name)?.declaredMilli ?? cpuOf(pod, one, "requests")),
    0,
  );
}

function keptRunning({ spec }: Pod): readonly Container[] {
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...(spec?.containers ?? []), ...sidecars];
}

function cpuOf({ metadata }: Pod, { name, resources }: Container, what: keyof Amounts): number {
  const text = resources?.[what]?.["cpu"];
  const field = `${metadata.namespace ?? ""}/${metadata.name}.spec.containers.${name}.resources.${what}.cpu`;
  return text === undefined ? 0 : parseCpu(text, field);
}

/** `namespace/name`, or the name alone of what has no namespace. */
export function keyOf({ namespace, name }: Pick<Metadata, "namespace" | "name">): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
