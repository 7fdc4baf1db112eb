// Checks raw objects as the API server stores them; nothing of the controller is used, so that it cannot share its mistakes.
import type { ApiServer, KubeObject } from "@walras/sim/apiserver";

type Json = Readonly<Record<string, unknown>>;

function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value);
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** "250m" or "2" in millicores. */
function milli(quantity: unknown): number {
  const text = typeof quantity === "string" ? quantity : "0";
  return text.endsWith("m") ? Number(text.slice(0, -1)) : Number(text) * 1000;
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Containers that are to keep running: sidecars are init containers that do. */
function keptRunning(pod: KubeObject): readonly Json[] {
  const sidecars = list(at(pod, "spec", "initContainers")).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...list(at(pod, "spec", "containers")), ...sidecars];
}

/** What the scheduler counts for a pod: of each container the most that is desired, admitted or enforced. */
function countedMilli(pod: KubeObject): number {
  const phase = at(pod, "status", "phase");
  if (phase === "Succeeded" || phase === "Failed") return 0;
  const statuses = ["containerStatuses", "initContainerStatuses"].flatMap((field) => list(at(pod, "status", field)));
  const containers = keptRunning(pod).reduce((sum, container) => {
    const status = statuses.find(({ name }) => name === container["name"]);
    const desired = milli(at(container, "resources", "requests", "cpu"));
    const admitted = milli(at(status, "allocatedResources", "cpu"));
    const enforced = milli(at(status, "resources", "requests", "cpu"));
    return sum + Math.max(desired, admitted, enforced);
  }, 0);
  return Math.max(containers, milli(at(pod, "spec", "resources", "requests", "cpu")));
}

/** What a pod was made with, container by container. */
function declaredOf(pod: KubeObject): readonly Json[] {
  return keptRunning(pod).map((container) => ({
    name: container["name"],
    request: milli(at(container, "resources", "requests", "cpu")),
    limit:
      at(container, "resources", "limits", "cpu") === undefined
        ? null
        : milli(at(container, "resources", "limits", "cpu")),
  }));
}

/** Watches every change from now on, and keeps what must not have happened. */
export class Invariants {
  readonly violations = new Set<string>();
  readonly #api: ApiServer;
  readonly #declared = new Map<string, readonly Json[]>();
  readonly #qos = new Map<string, unknown>();
  readonly #released = new Map<string, number>();

  constructor(api: ApiServer) {
    this.#api = api;
    for (const pod of api.store.all("pods")) this.#remember(pod);
    api.store.onChange(({ type, collection, object, previous }) => {
      if (type === "DELETED") return;
      if (collection === "pods") this.#pod(object);
      if (collection === "podallocations.allocation.mbcas.io") this.#allocation(object);
      if (collection === "jobs.batch") this.#job(object, previous);
    });
  }

  /** Whether the pod desires again what it was made with. */
  isRestored(pod: KubeObject): boolean {
    return JSON.stringify(declaredOf(pod)) === JSON.stringify(this.#declared.get(pod.metadata.uid ?? ""));
  }

  /** How often each Job was un-suspended. */
  get releases(): ReadonlyMap<string, number> {
    return this.#released;
  }

  #remember(pod: KubeObject): void {
    const uid = pod.metadata.uid ?? "";
    if (!this.#declared.has(uid)) this.#declared.set(uid, declaredOf(pod));
  }

  #pod(pod: KubeObject): void {
    this.#remember(pod);
    const uid = pod.metadata.uid ?? "";
    const qos = at(pod, "status", "qosClass");
    if (this.#qos.has(uid) && qos !== this.#qos.get(uid)) this.#broken(`3: ${nameOf(pod)} became ${String(qos)}`);
    if (qos !== undefined) this.#qos.set(uid, qos);
    const restarts = list(at(pod, "status", "containerStatuses")).filter(
      ({ restartCount }) => Number(restartCount) > 0,
    );
    if (restarts.length > 0) this.#broken(`2: a container of ${nameOf(pod)} restarted`);
    const node = at(pod, "spec", "nodeName");
    if (typeof node === "string") this.#node(node);
  }

  #node(name: string): void {
    const node = this.#api.store.get("nodes", "", name);
    if (!node) return;
    const pods = [...this.#api.store.all("pods")].filter((pod) => at(pod, "spec", "nodeName") === name);
    const sum = pods.reduce((total, pod) => total + countedMilli(pod), 0);
    const allocatable = milli(at(node, "status", "allocatable", "cpu"));
    if (sum > allocatable) this.#broken(`1: requests on ${name} are ${sum}m of ${allocatable}m`);
    const jobs = pods.filter((pod) => list(pod.metadata.ownerReferences).some(({ kind }) => kind === "Job"));
    const running = jobs.filter((pod) => !["Succeeded", "Failed"].includes(String(at(pod, "status", "phase"))));
    if (running.length > 1) this.#broken(`11: ${running.length} jobs on ${name}`);
  }

  /** What is on record as declared is what the pod was made with, from the first record on. */
  #allocation(allocation: KubeObject): void {
    const uid = String(at(allocation, "spec", "podUID"));
    const declared = this.#declared.get(uid);
    const recorded = list(at(allocation, "spec", "containers")).map((container) => ({
      name: container["name"],
      request: milli(container["declaredCPURequest"]),
      limit: container["declaredCPULimit"] === undefined ? null : milli(container["declaredCPULimit"]),
    }));
    if (declared && JSON.stringify(recorded) !== JSON.stringify(declared))
      this.#broken(
        `5: ${nameOf(allocation)} records ${JSON.stringify(recorded)}, declared was ${JSON.stringify(declared)}`,
      );
  }

  #job(job: KubeObject, previous: KubeObject | undefined): void {
    if (previous === undefined || at(previous, "spec", "suspend") !== true || at(job, "spec", "suspend") === true)
      return;
    const count = (this.#released.get(nameOf(job)) ?? 0) + 1;
    this.#released.set(nameOf(job), count);
    if (count > 1) this.#broken(`11: ${nameOf(job)} was released ${count} times`);
  }

  #broken(what: string): void {
    this.violations.add(what);
  }
}
