import { gpuSchedulingMapCrd, gpuSchedulingMapResource, type GpuSchedulingMapStatus } from "@walras/api";
import { seededRng, VirtualClock } from "@walras/kit";
import { collectionPath, type KubeTransport, objectPath, resources } from "@walras/kube";
import { ApiServer, inProcessTransport, type JsonMap, type KubeObject } from "@walras/sim/apiserver";

import { Command } from "commander";

import { type Process, startProcess } from "../../../base/testing/process.ts";
import { gpuAnnotations, gpuLabels } from "../observe/cluster/names.ts";
import { FakeFacts, gpuFacts } from "../observe/testing.ts";
import { addFlags, schema } from "../flags.ts";
import { wireGpu } from "../wire.ts";
import { entryOf, gpuLimits, ownerOf } from "./bodies.ts";

/** A node of a test. */
export interface NodeGiven {
  readonly gpus?: number;
  /** Its GPUs are a device plugin's. */
  readonly plugin?: boolean;
  readonly model?: string;
  readonly cpu?: string;
  readonly logical?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly object[];
  readonly pods?: string;
}

/** A pod of a test. */
export interface PodGiven {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** The StatefulSet that is said to have made it. */
  readonly owner?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A controller of a test. */
export interface ControllerGiven {
  /** Around what it reaches the API server by. */
  readonly over?: (transport: KubeTransport) => KubeTransport;
  /** Another one than `gpu-scheduler` has a Lease of its own, and is as good as a stranger. */
  readonly scheduler?: string;
  /** Flags of the part. */
  readonly args?: readonly string[];
}

/** An API server with GPU nodes, what agents tell, and controllers. */
export class Bed {
  readonly clock = new VirtualClock();
  readonly api = new ApiServer({ clock: this.clock, rng: seededRng(7) });
  readonly facts = new FakeFacts();
  readonly kubectl = inProcessTransport(this.api, "kubectl");
  #controllers = 0;

  async begin(nodes: Readonly<Record<string, NodeGiven>>): Promise<void> {
    const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await this.#post(crds, gpuSchedulingMapCrd());
    for (const name of ["default", "walras-system"])
      await this.#post(collectionPath(resources.namespace), { metadata: { name } }).catch(() => undefined);
    for (const [name, given] of Object.entries(nodes)) await this.node(name, given);
  }

  async node(name: string, { gpus = 0, plugin = false, model, logical, ...given }: NodeGiven): Promise<void> {
    const labels = { ...given.labels, ...(logical === undefined ? {} : { [gpuLabels.logicalName]: logical }) };
    const counted = plugin ? { "nvidia.com/gpu": String(gpus) } : {};
    const allocatable = { cpu: given.cpu ?? "8", memory: "32Gi", pods: given.pods ?? "110", ...counted };
    await this.#post(collectionPath(resources.node), {
      metadata: { name, labels },
      spec: { taints: given.taints ?? [] },
      status: { allocatable, capacity: allocatable, conditions: [{ type: "Ready", status: "True" }] },
    });
    if (gpus > 0) this.facts.set(name, gpuFacts(name, gpus, model));
  }

  /** Starts a controller, which leads once the Lease is free. */
  async controller(
    seconds = 3,
    { over = (own) => own, scheduler = "gpu-scheduler", args = [] }: ControllerGiven = {},
  ): Promise<Process> {
    this.#controllers += 1;
    const given = addFlags(new Command()).parse([`--gpu-scheduler-name=${scheduler}`, ...args], { from: "user" });
    const flags = schema.parse(given.opts());
    const started = await startProcess({
      api: this.api,
      clock: this.clock,
      number: this.#controllers,
      over,
      leaseName: `lease-of-${scheduler}`,
      wire: (wired) => wireGpu(flags, wired, this.facts),
    });
    await this.pass(seconds);
    return started;
  }

  async pass(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1000);
  }

  async pod(
    name: string,
    { annotations = {}, requests = {}, spec = {}, owner, labels = {} }: PodGiven = {},
  ): Promise<KubeObject> {
    const made = owner === undefined ? [] : [ownerOf(owner)];
    return (await this.#post(collectionPath(resources.pod, "default"), {
      metadata: { name, annotations, labels, ownerReferences: made },
      spec: {
        schedulerName: "gpu-scheduler",
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "c", image: "app:1", resources: { requests, limits: gpuLimits(requests) } }],
        ...spec,
      },
    })) as KubeObject;
  }

  /** Pods of one StatefulSet, of which nothing is asked but places. */
  async set(owner: string, count: number, given: PodGiven = {}): Promise<void> {
    for (let index = 0; index < count; index += 1) await this.pod(`${owner}-${index}`, { ...given, owner });
  }

  async map(name: string, entries: readonly string[], more: JsonMap = {}): Promise<void> {
    const { apiVersion, kind } = gpuSchedulingMapResource;
    await this.#post(collectionPath(gpuSchedulingMapResource, "default"), {
      apiVersion,
      kind,
      metadata: { name },
      spec: { workload: { kind: "StatefulSet", name }, schedulingMap: entries.map(entryOf), ...more },
    });
  }

  async editMap(name: string, entries: readonly string[]): Promise<void> {
    await this.#patch(objectPath(gpuSchedulingMapResource, { namespace: "default", name }), {
      spec: { schedulingMap: entries.map(entryOf) },
    });
  }

  async setRollout(name: string, rollout: string): Promise<void> {
    await this.#patch(objectPath(gpuSchedulingMapResource, { namespace: "default", name }), { spec: { rollout } });
  }

  async patchPod(name: string, body: object): Promise<void> {
    await this.#patch(objectPath(resources.pod, { namespace: "default", name }), body);
  }

  async podStatus(name: string, status: object): Promise<void> {
    await this.#patch(objectPath(resources.pod, { namespace: "default", name }, "status"), { status });
  }

  /** It runs: from now on budgets protect it. */
  async runs(...names: readonly string[]): Promise<void> {
    for (const name of names) await this.podStatus(name, { phase: "Running" });
  }

  /** A PodDisruptionBudget of the pods with these labels. */
  async budget(name: string, matchLabels: Readonly<Record<string, string>>, allowed: number): Promise<void> {
    await this.#post(collectionPath(resources.podDisruptionBudget, "default"), {
      metadata: { name },
      spec: { selector: { matchLabels } },
    });
    await this.#patch(objectPath(resources.podDisruptionBudget, { namespace: "default", name }, "status"), {
      status: { disruptionsAllowed: allowed, observedGeneration: 1 },
    });
  }

  /** Its kubelet has stopped it. */
  async stopped(name: string): Promise<void> {
    const path = objectPath(resources.pod, { namespace: "default", name });
    await this.kubectl.send({ method: "DELETE", path, body: { gracePeriodSeconds: 0 } });
  }

  /** It has done its work. */
  async end(name: string): Promise<void> {
    await this.podStatus(name, { phase: "Succeeded" });
  }

  async patchNode(name: string, body: object, subresource?: "status"): Promise<void> {
    await this.#patch(objectPath(resources.node, { namespace: "", name }, subresource), body);
  }

  async remove(name: string): Promise<void> {
    await this.kubectl.send({ method: "DELETE", path: objectPath(resources.pod, { namespace: "default", name }) });
  }

  get(name: string): KubeObject | undefined {
    return this.api.store.get("pods", "default", name);
  }

  /** "node GPU,GPU" of a pod that is bound, "node" where no GPU was chosen; "-" of one that is not. */
  placeOf(name: string): string {
    const pod = this.get(name);
    const node = pod?.spec?.["nodeName"] as string | undefined;
    const devices = pod?.metadata.annotations?.[gpuAnnotations.devices];
    if (node === undefined) return "-";
    return devices === undefined ? node : `${node} ${devices.replaceAll(`GPU-${node}-`, "")}`;
  }

  places(...names: readonly string[]): string[] {
    return names.map((name) => this.placeOf(name));
  }

  /** What the pod's condition says of why it has no place; "": nothing. */
  whyNot(name: string): string {
    const conditions = (this.get(name)?.status?.["conditions"] ?? []) as readonly JsonMap[];
    const found = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
    return found ? `${String(found["reason"])}: ${String(found["message"])}` : "";
  }

  status(map: string): GpuSchedulingMapStatus {
    const found = this.api.store.get("gpuschedulingmaps.gpu.walras.io", "default", map);
    return found?.status ?? {};
  }

  /** "Valid=True Checked" and so on. */
  conditions(map: string): string[] {
    return (this.status(map).conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
  }

  /** Reasons of the Events about an object. */
  events(name: string): string[] {
    const all = [...this.api.store.all("events")] as unknown as JsonMap[];
    const about = ({ regarding, involvedObject }: JsonMap): unknown => regarding ?? involvedObject;
    return all.filter((one) => (about(one) as JsonMap)["name"] === name).map(({ reason }) => String(reason));
  }

  /** GPUs that bound pods hold more of than there is: the one thing that must never be. */
  doubleBooked(): string[] {
    const held = new Map<string, number>();
    for (const pod of this.api.store.all("pods")) {
      const { annotations = {} } = pod.metadata;
      if (pod.spec?.["nodeName"] === undefined) continue;
      for (const uuid of (annotations[gpuAnnotations.devices] ?? "").split(",").filter((one) => one !== ""))
        held.set(uuid, (held.get(uuid) ?? 0) + Math.min(1000, Number(annotations[gpuAnnotations.milli] ?? 1000)));
    }
    return [...held].filter(([, milli]) => milli > 1000).map(([uuid]) => uuid);
  }

  #post(path: string, body: unknown): Promise<unknown> {
    return this.kubectl.send({ method: "POST", path, body });
  }

  async #patch(path: string, body: unknown): Promise<void> {
    await this.kubectl.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  }
}
