import { collectionPath, objectPath, resources } from "@walras/kube";
import { type JsonMap, type KubeObject } from "@walras/sim/apiserver";

import { uuidOf } from "../observe/testing.ts";
import { Bed, type PodGiven } from "./bed.ts";

export const driver = "gpu.nvidia.com";

/** Selects the GPU of this number of a node. */
export const uuidIs = (node: string, index: number): string =>
  `device.attributes["${driver}"].uuid == "${uuidOf(node, index)}"`;

/** Two nodes of 2 and 4 GPUs, and a class of devices. */
export async function claimBed(): Promise<{ readonly bed: Bed; readonly claims: ClaimBed }> {
  const bed = new Bed();
  const claims = new ClaimBed(bed);
  await bed.begin({ a: { gpus: 2 }, b: { gpus: 4 } });
  await claims.deviceClass();
  return { bed, claims };
}

/** A device of a test's slice; its UUID is that of the node's GPU of this number. */
export interface DeviceGiven {
  readonly index: number;
  readonly attributes?: JsonMap;
  readonly memory?: string;
  readonly taints?: readonly object[];
  readonly more?: JsonMap;
}

interface PoolGiven {
  readonly generation?: number;
  readonly resourceSliceCount?: number;
}

/** Devices, classes and claims on a bed, and what stands for the controller manager. */
export class ClaimBed {
  readonly #bed: Bed;

  constructor(bed: Bed) {
    this.#bed = bed;
  }

  async deviceClass(name = "gpu", selectors: readonly string[] = [`device.driver == "${driver}"`]): Promise<void> {
    await this.#post(collectionPath(resources.deviceClass), {
      metadata: { name },
      spec: {
        selectors: selectors.map((expression) => ({ cel: { expression } })),
        config: [{ opaque: { driver, parameters: { of: name } } }],
      },
    });
  }

  /** As NVIDIA's driver publishes them: a pool for each node. */
  async slice(node: string, devices: readonly (number | DeviceGiven)[], pool: PoolGiven = {}): Promise<void> {
    await this.#post(collectionPath(resources.resourceSlice), {
      metadata: { name: `${node}-${driver}-${pool.generation ?? 1}` },
      spec: {
        driver,
        nodeName: node,
        pool: { name: node, generation: 1, resourceSliceCount: 1, ...pool },
        devices: devices.map((given) => deviceOf(node, typeof given === "number" ? { index: given } : given)),
      },
    });
  }

  /** @param requests of the claim; one device of the class `gpu` where not given */
  async claim(name: string, requests: readonly object[] = [exactly()], more: JsonMap = {}): Promise<void> {
    await this.#post(collectionPath(resources.resourceClaim, "default"), {
      metadata: { name },
      spec: { devices: { requests, ...more } },
    });
  }

  /** A pod, and a claim of its own. */
  async pod(name: string, requests?: readonly object[], given: PodGiven = {}): Promise<void> {
    await this.claim(`${name}-claim`, requests);
    await this.podOf(name, [`${name}-claim`], given);
  }

  async podOf(name: string, claims: readonly string[], given: PodGiven = {}): Promise<void> {
    const resourceClaims = claims.map((claim, index) => ({ name: `c${index}`, resourceClaimName: claim }));
    await this.#bed.pod(name, { ...given, spec: { resourceClaims, ...given.spec } });
  }

  /** What the controller manager makes from a template. */
  async fromTemplate(pod: string, claim: string): Promise<void> {
    await this.claim(claim);
    const path = objectPath(resources.pod, { namespace: "default", name: pod }, "status");
    const status = { resourceClaimStatuses: [{ name: "c", resourceClaimName: claim }] };
    await this.#patch(path, { status });
  }

  /** Another scheduler allocates, without looking at anybody. */
  async allocate(claim: string, node: string, index: number): Promise<void> {
    const results = [{ request: "gpu", driver, pool: node, device: `gpu-${index}` }];
    await this.#patch(this.#status(claim), { status: { allocation: { devices: { results } } } });
  }

  async deallocate(claim: string): Promise<void> {
    await this.#patch(this.#status(claim), { status: { allocation: null, reservedFor: null } });
  }

  get(claim: string): KubeObject | undefined {
    return this.#bed.api.store.get("resourceclaims.resource.k8s.io", "default", claim);
  }

  /** "node/gpu-0,node/gpu-1" of a claim that is allocated; "" of another. */
  has(claim: string): string {
    return resultsOf(this.get(claim))
      .map(({ pool, device }) => `${pool}/${device}`)
      .join(",");
  }

  /** Names of the pods that a claim is reserved for. */
  users(claim: string): string[] {
    return ((this.get(claim)?.status?.["reservedFor"] ?? []) as readonly JsonMap[]).map(({ name }) => String(name));
  }

  /** Devices that several claims have. */
  twice(): string[] {
    const all = [...this.#bed.api.store.all("resourceclaims.resource.k8s.io")].flatMap(resultsOf);
    const counts = Map.groupBy(all, ({ pool, device }) => `${pool}/${device}`);
    return [...counts].filter(([, its]) => its.length > 1).map(([id]) => id);
  }

  /** Devices that bound pods have twice: what must never be. */
  usedTwice(): string[] {
    const bound = [...this.#bed.api.store.all("pods")].filter(({ spec }) => spec?.["nodeName"] !== undefined);
    const claims = bound.flatMap(({ spec }) => (spec?.["resourceClaims"] ?? []) as readonly JsonMap[]);
    const names = new Set(claims.map(({ resourceClaimName }) => String(resourceClaimName)));
    const used = [...names].flatMap((name) => resultsOf(this.get(name)));
    const counts = Map.groupBy(used, ({ pool, device }) => `${pool}/${device}`);
    return [...counts].filter(([, its]) => its.length > 1).map(([id]) => id);
  }

  #status(claim: string): string {
    return objectPath(resources.resourceClaim, { namespace: "default", name: claim }, "status");
  }

  async #post(path: string, body: unknown): Promise<void> {
    await this.#bed.kubectl.send({ method: "POST", path, body });
  }

  async #patch(path: string, body: unknown): Promise<void> {
    await this.#bed.kubectl.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
  }
}

/** A request for devices of the class `gpu`. */
export function exactly(more: JsonMap = {}, name = "gpu"): object {
  return { name, exactly: { deviceClassName: "gpu", allocationMode: "ExactCount", count: 1, ...more } };
}

export function selecting(...expressions: readonly string[]): JsonMap {
  return { selectors: expressions.map((expression) => ({ cel: { expression } })) };
}

interface Result {
  readonly pool: string;
  readonly device: string;
}

function resultsOf(claim: KubeObject | undefined): readonly Result[] {
  const allocation = claim?.status?.["allocation"] as { readonly devices: { readonly results: Result[] } } | undefined;
  return allocation?.devices.results ?? [];
}

function deviceOf(
  node: string,
  { index, attributes = {}, memory = "40Gi", taints = [], more = {} }: DeviceGiven,
): object {
  return {
    name: `gpu-${index}`,
    attributes: { uuid: { string: uuidOf(node, index) }, productName: { string: "NVIDIA A100" }, ...attributes },
    capacity: { memory: { value: memory } },
    ...(taints.length > 0 ? { taints } : {}),
    ...more,
  };
}
