import { wholeMilli } from "../snapshot.ts";
import { slotName } from "../mig/slot.ts";
import { type Device, isPublished, mayBeBoth, type SchedNode, slotOf } from "./node.ts";
import { type Amounts, pluginResource, podKey, type SchedPod } from "./pod.ts";

/** One GPU, and who has how much of it. */
interface RoomGpu {
  readonly device: Device;
  /** Why nobody is given it; null: it can be had. */
  readonly bar: string | null;
  /** A driver of DRA publishes it. */
  readonly published: boolean;
  /** By what shares it; those under one name have it together. */
  readonly takers: Map<string, Map<string, number>>;
}

/** A pod that holds something of a node. */
export interface Holding {
  readonly pod: SchedPod;
  /** UUIDs that were chosen for it; empty: none were, or the kubelet chooses. */
  readonly devices: readonly string[];
  /** Under which name it shares them; null: under none. */
  readonly share: string | null;
}

/** What is left of one node. */
export class Room {
  readonly node: SchedNode;
  /** A GPU may be both a device plugin's and published by a driver of DRA: each would give it away without the other. */
  readonly ambiguous: boolean;
  readonly #free: Record<string, number>;
  readonly #gpus: ReadonlyMap<string, RoomGpu> | null;
  /** GPUs that pods hold, and nobody has said which, by pod. */
  readonly #unknown = new Map<string, number>();
  /** GPUs that are kept, of which it is not known which those are, by who they are kept for. */
  readonly #kept = new Map<string, number>();

  /** @param devices undefined: nothing is known of its GPUs */
  constructor(node: SchedNode, devices: readonly Device[] | undefined, holdings: readonly Holding[]) {
    this.node = node;
    this.#free = { ...node.allocatable };
    this.#gpus = devices ? gpusOf(devices, holdings, new Set(node.published)) : null;
    this.ambiguous = mayBeBoth(node, devices);
    for (const holding of holdings) this.take(holding);
  }

  /** Whether anything is known of its GPUs. */
  get known(): boolean {
    return this.#gpus !== null;
  }

  free(resource: string): number {
    return this.#free[resource] ?? 0;
  }

  /** UUIDs by the number that users know; undefined: there is no such GPU, or nothing is known. */
  uuidOf(index: number): string | undefined {
    return this.#gpus?.values().find(({ device }) => device.index === index && !device.instance)?.device.uuid;
  }

  /** The number of a GPU that users know; undefined: it is an instance, or there is no such GPU. */
  indexOf(uuid: string): number | undefined {
    const device = this.#gpus?.get(uuid)?.device;
    return device && !device.instance ? device.index : undefined;
  }

  /** What of each GPU can still be had, by its number; null: nothing is known. */
  freeMilli(): number[] | null {
    if (!this.#gpus) return null;
    const gpus = this.#gpus
      .values()
      .filter(({ device }) => !device.instance)
      .toArray();
    const free = Array.from({ length: Math.max(0, ...gpus.map(({ device }) => device.index + 1)) }, () => 0);
    for (const gpu of gpus) free[gpu.device.index] = gpu.bar === null && !gpu.published ? Math.max(0, freeOf(gpu)) : 0;
    return free;
  }

  /** UUID of an instance of this profile that nobody has; undefined: there is none. */
  freeInstance(profile: string): string | undefined {
    const free = this.#gpus?.values().find((gpu) => {
      const { device, bar, published } = gpu;
      return device.instance?.profile === profile && bar === null && !published && freeOf(gpu) === wholeMilli;
    });
    return free?.device.uuid;
  }

  /** Profile of an instance; undefined: it is none. */
  profileOf(uuid: string): string | undefined {
    return this.#gpus?.get(uuid)?.device.instance?.profile;
  }

  /** How many whole GPUs the device plugin can still give for pods of which no map says which. */
  pluginFree(): number {
    if (this.ambiguous) return 0;
    const counted = this.free(pluginResource) - total(this.#kept);
    const idle = this.freeMilli()?.filter((milli) => milli === wholeMilli).length;
    return Math.max(0, Math.min(counted, idle === undefined ? Infinity : idle - total(this.#unknown)));
  }

  /** How many GPUs are held of which the kubelet has not said which. */
  get unknown(): number {
    return total(this.#unknown);
  }

  take({ pod, devices, share }: Holding): void {
    this.#add(pod.request, -1);
    const uuids = this.#heldBy(pod, devices);
    const milli = pod.ask.gpuMilli || wholeMilli;
    for (const uuid of uuids) put(this.#gpus?.get(uuid), share ?? pod.uid, { who: pod.uid, milli });
    const missing = (pod.request[pluginResource] ?? 0) - uuids.length;
    if (missing > 0) this.#unknown.set(pod.uid, missing);
  }

  give({ pod, share }: Pick<Holding, "pod" | "share">): void {
    this.#add(pod.request, 1);
    this.#unknown.delete(pod.uid);
    this.release(pod.uid, share ?? pod.uid);
  }

  /** Keeps GPUs for a pod that has not taken them yet. @param count of them, where it is not known which they are */
  keep(who: string, uuids: readonly string[] | null, { share, milli, count }: Keeping): void {
    if (uuids === null) this.#kept.set(who, count);
    else for (const uuid of uuids) put(this.#gpus?.get(uuid), share ?? who, { who, milli });
  }

  release(who: string, share: string): void {
    this.#kept.delete(who);
    for (const { takers } of this.#gpus?.values() ?? []) {
      const sharers = takers.get(share);
      sharers?.delete(who);
      if (sharers?.size === 0) takers.delete(share);
    }
  }

  /** What is lacking for what the pod asks of CPU, memory and whatever else is counted; null: nothing. */
  lackOf(pod: Pick<SchedPod, "request">): string | null {
    return this.lackBesides(pod, []);
  }

  /** The same, without looking at these resources. */
  lackBesides({ request }: Pick<SchedPod, "request">, left: readonly string[]): string | null {
    const short = Object.entries(request).find(
      ([resource, amount]) => amount > 0 && amount > this.free(resource) && !left.includes(resource),
    );
    if (!short) return null;
    return short[0] === "pods" ? "Too many pods" : `Insufficient ${short[0]}`;
  }

  /**
   * Why a pod cannot have these GPUs; null: it can.
   *
   * @param byClaim null: it is not known yet how the pod asks
   */
  gpuLackOf(uuids: readonly string[], { milli, share, byClaim }: Asking): string | null {
    if (!this.#gpus) return "node(s) had GPUs of which no agent tells";
    if (this.ambiguous) return "node(s) had GPUs both of a device plugin and of a driver of DRA";
    for (const uuid of uuids) {
      const gpu = this.#gpus.get(uuid);
      if (!gpu) return `node(s) had no GPU ${uuid} any more`;
      const lack = gpu.bar ?? mismatchOf(gpu, byClaim) ?? shortOf(gpu, milli, share);
      if (lack !== null) return `node(s) had GPU ${slotName(slotOf(gpu.device))} not to give: ${lack}`;
    }
    // What the kubelet's plugin gave is none of those that a driver publishes.
    const unknown = byClaim === true ? 0 : this.unknown;
    return unknown > 0 ? `node(s) had ${unknown} GPU(s) held of which the kubelet has not said which` : null;
  }

  /** What the kubelet says where it chooses, and else what was chosen. */
  #heldBy(pod: SchedPod, devices: readonly string[]): readonly string[] {
    if (!this.#gpus) return [];
    const byKubelet = [...this.#gpus.values()].filter(
      ({ device }) => !device.instance && isHolder(device, pod, "kubelet"),
    );
    return byKubelet.length > 0 ? byKubelet.map(({ device }) => device.uuid) : devices;
  }

  #add(amounts: Amounts, sign: 1 | -1): void {
    for (const [resource, amount] of Object.entries(amounts))
      this.#free[resource] = this.free(resource) + sign * amount;
  }
}

/** How a pod asks for GPUs by name. */
export interface Asking {
  readonly milli: number;
  readonly share: string | null;
  readonly byClaim: boolean | null;
}

function mismatchOf({ published }: RoomGpu, byClaim: boolean | null): string | null {
  if (byClaim === null || byClaim === published) return null;
  return published
    ? "a driver of DRA publishes it, and the pod has no claim"
    : "no driver of DRA publishes it, and the pod asks by a claim";
}

/** For whom GPUs are kept. */
interface Keeping {
  readonly share: string | null;
  readonly milli: number;
  readonly count: number;
}

function gpusOf(
  devices: readonly Device[],
  holdings: readonly Holding[],
  published: ReadonlySet<string>,
): ReadonlyMap<string, RoomGpu> {
  return new Map(
    devices.map((device) => {
      const bar = barOf(device, holdings, familyOf(device, devices));
      return [device.uuid, { device, bar, published: isPublished(device, published), takers: new Map() }];
    }),
  );
}

/** UUIDs of all instances of one GPU, and of itself: by process it is not known on which of them somebody is. */
function familyOf({ uuid, instance }: Device, devices: readonly Device[]): ReadonlySet<string> {
  const gpu = instance?.gpu ?? uuid;
  return new Set([gpu, ...devices.filter((one) => one.instance?.gpu === gpu).map((one) => one.uuid)]);
}

function barOf(device: Device, holdings: readonly Holding[], family: ReadonlySet<string>): string | null {
  const { unhealthy, foreignPids, holders, instance } = device;
  if (unhealthy !== null) return unhealthy;
  const [pid] = foreignPids;
  if (pid !== undefined) return `process ${pid} of no known container is on it`;
  const its = holdings.filter(({ devices }) => devices.some((one) => family.has(one)));
  const whole = instance && its.find(({ devices }) => devices.includes(instance.gpu));
  if (whole) return `${podKey(whole.pod)} has all of its GPU`;
  const given = new Set(its.map(({ pod }) => podKey(pod)));
  const unnamed =
    instance && holders.find(({ namespace, pod, by }) => by === "kubelet" && !given.has(`${namespace}/${pod}`));
  if (unnamed)
    return `the kubelet has given an instance of its GPU to ${unnamed.namespace}/${unnamed.pod}, and not said which`;
  for (const { pod } of holdings) if (isHolder(device, pod, "kubelet")) given.add(podKey(pod));
  const stranger = holders.find(({ namespace, pod, by }) => by === "process" && !given.has(`${namespace}/${pod}`));
  return stranger ? `a process of ${stranger.namespace}/${stranger.pod} is on it, which was not given it` : null;
}

export function isHolder(
  { holders }: Device,
  pod: Pick<SchedPod, "namespace" | "name">,
  by: "kubelet" | "process",
): boolean {
  return holders.some((one) => one.by === by && one.namespace === pod.namespace && one.pod === pod.name);
}

function put(gpu: RoomGpu | undefined, share: string, { who, milli }: { who: string; milli: number }): void {
  if (!gpu) return;
  const sharers = gpu.takers.get(share) ?? new Map<string, number>();
  gpu.takers.set(share, sharers.set(who, milli));
}

/** Those who share by name have it once, as much of it as the one that asks for most. */
function freeOf({ takers }: RoomGpu, without?: string): number {
  let taken = 0;
  for (const [share, sharers] of takers) if (share !== without) taken += Math.max(...sharers.values());
  return wholeMilli - taken;
}

function shortOf(gpu: RoomGpu, milli: number, share: string | null): string | null {
  const free = freeOf(gpu, share ?? undefined);
  return free >= milli ? null : `${Math.max(0, free)} m of it are left`;
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
