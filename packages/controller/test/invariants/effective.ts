// How Kubernetes counts a pod, written from its documentation (Init Containers, Sidecar Containers, Resize CPU and
// Memory, Pod Quality of Service Classes, Pod Overhead) and from nothing of ours, so that it cannot share our mistakes.
import type { KubeObject } from "@walras/sim/apiserver";

export type Json = Readonly<Record<string, unknown>>;

export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);
}

export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** What is written, as text; empty where nothing is. */
export function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** "250m", "2" or "0.5" in millicores; null where nothing is said. */
export function milli(quantity: unknown): number | null {
  const said = text(quantity);
  if (said === "") return null;
  return Math.round(said.endsWith("m") ? Number(said.slice(0, -1)) : Number(said) * 1000);
}

/** What is asked for one container: CPU in millicores; null: nothing is said. */
export interface Cpu {
  readonly request: number | null;
  readonly limit: number | null;
}

export function cpuOf(container: unknown): Cpu {
  return {
    request: milli(at(container, "resources", "requests", "cpu")),
    limit: milli(at(container, "resources", "limits", "cpu")),
  };
}

function isSidecar(container: Json): boolean {
  return container["restartPolicy"] === "Always";
}

function initContainers(pod: KubeObject): readonly Json[] {
  return list(at(pod, "spec", "initContainers"));
}

/** Every container that keeps running, by name. */
export function kept(pod: KubeObject): readonly Json[] {
  return [...list(at(pod, "spec", "containers")), ...initContainers(pod).filter(isSidecar)];
}

export function condition(pod: KubeObject, type: string): Json | undefined {
  return list(at(pod, "status", "conditions")).find((one) => one["type"] === type && one["status"] === "True");
}

export function isOver(pod: KubeObject): boolean {
  return ["Succeeded", "Failed"].includes(String(at(pod, "status", "phase")));
}

/** Requests that a write still on its way would set, by container. */
export type Asked = ReadonlyMap<string, Cpu>;

const nothingAsked: Asked = new Map();

/**
 * The effective CPU request of a pod, in millicores, as the scheduler counts it
 * for the pod's whole life: the larger of what its containers and sidecars ask
 * for together and of the highest need of any init container with the sidecars
 * before it; what is asked for the pod as a whole in its place; and the overhead
 * of its runtime. Of a container that can be resized the largest of desired,
 * allocated and actual counts; what is Infeasible is not desired.
 *
 * @param asked counted as desired where that is more
 */
export function effectiveMilli(pod: KubeObject, asked: Asked = nothingAsked): number {
  if (isOver(pod)) return 0;
  const counted = (container: Json): number => countedMilli(pod, container, asked);
  const running = kept(pod).reduce((sum, container) => sum + counted(container), 0);
  let [sidecars, starting] = [0, 0];
  for (const container of initContainers(pod)) {
    if (isSidecar(container)) sidecars += counted(container);
    const need = isSidecar(container) ? sidecars : sidecars + (cpuOf(container).request ?? 0);
    starting = Math.max(starting, need);
  }
  const whole = milli(at(pod, "spec", "resources", "requests", "cpu"));
  return (whole ?? Math.max(running, starting)) + (milli(at(pod, "spec", "overhead", "cpu")) ?? 0);
}

function countedMilli(pod: KubeObject, container: Json, asked: Asked): number {
  const name = String(container["name"]);
  const statuses = ["containerStatuses", "initContainerStatuses"].flatMap((field) => list(at(pod, "status", field)));
  const status = statuses.find((one) => one["name"] === name);
  const pending = condition(pod, "PodResizePending");
  const desired = status && pending?.["reason"] === "Infeasible" ? 0 : (cpuOf(container).request ?? 0);
  return Math.max(
    desired,
    asked.get(name)?.request ?? 0,
    milli(at(status, "allocatedResources", "cpu")) ?? 0,
    milli(at(status, "resources", "requests", "cpu")) ?? 0,
  );
}

type Side = "requests" | "limits";

/** The class by CPU and memory of every container, or of the pod as a whole where it asks for itself. */
export function qosOf(pod: KubeObject): string {
  const whole = at(pod, "spec", "resources");
  const all: readonly unknown[] =
    whole === undefined ? [...list(at(pod, "spec", "containers")), ...initContainers(pod)] : [{ resources: whole }];
  const amount = (one: unknown, side: Side, name: string): unknown => at(one, "resources", side, name);
  const resources = ["cpu", "memory"] as const;
  const says = all.some((one) =>
    resources.some((name) => isSome(amount(one, "requests", name)) || isSome(amount(one, "limits", name))),
  );
  if (!says) return "BestEffort";
  const equal = all.every((one) =>
    resources.every((name) => {
      const [request, limit] = [amount(one, "requests", name), amount(one, "limits", name)];
      return isSome(limit) && (request === undefined || sameAmount(name, request, limit));
    }),
  );
  return equal ? "Guaranteed" : "Burstable";
}

function isSome(quantity: unknown): boolean {
  return !/^0*[a-zA-Z]*$/.test(text(quantity));
}

function sameAmount(name: string, one: unknown, other: unknown): boolean {
  return name === "cpu" ? milli(one) === milli(other) : text(one) === text(other);
}
