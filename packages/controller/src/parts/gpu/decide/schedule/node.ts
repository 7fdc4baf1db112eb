import { instanceSlot } from "../mig/slot.ts";
import type { Taint } from "./terms.ts";
import { type Amounts, pluginResource, vendor } from "./pod.ts";

/** A node as far as scheduling is concerned. */
export interface SchedNode {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  /** By which scheduling maps may call it. */
  readonly logicalName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly ready: boolean;
  readonly allocatable: Amounts;
  /** Of all its GPUs, where a label says so; "": none does. */
  readonly model: string;
  /** UUIDs of its GPUs that drivers of DRA publish: those are given by claims, and by nothing else. */
  readonly published: readonly string[];
}

/** What a MIG instance is of. */
interface MigInstance {
  /** UUID of the GPU that it is a part of. */
  readonly gpu: string;
  /** Among the instances of that GPU, from 0, as nvidia-smi counts them. */
  readonly number: number;
  /** "1g.10gb" */
  readonly profile: string;
}

/** A GPU of a node, or a MIG instance of one, as it was last seen. */
export interface Device {
  readonly uuid: string;
  /** Of an instance: that of its GPU. */
  readonly index: number;
  readonly model: string;
  /** Why it is not given to anybody; null: it is well. */
  readonly unhealthy: string | null;
  readonly holders: readonly { readonly namespace: string; readonly pod: string; readonly by: "kubelet" | "process" }[];
  /** Processes on it that are in no container that is known. */
  readonly foreignPids: readonly number[];
  /** Left out of a GPU. */
  readonly instance?: MigInstance;
}

/** GPUs and instances by the number that maps name them by. */
export function slotOf({ index, instance }: Device): number {
  return instance ? instanceSlot(index, instance.number) : index;
}

/** Its GPU is enough: a driver that gives out a GPU may give out its instances. */
export function isPublished({ uuid, instance }: Device, published: ReadonlySet<string>): boolean {
  return published.has(uuid) || (instance !== undefined && published.has(instance.gpu));
}

/**
 * Whether a GPU of this node may be both a device plugin's and published. What plugin and driver have together is counted against the
 * GPUs that there are. Of instances it is not known whether the plugin counts them as GPUs.
 *
 * @param devices undefined: nothing is known of its GPUs
 */
export function mayBeBoth({ allocatable, published }: SchedNode, devices: readonly Device[] | undefined): boolean {
  const offered = Object.entries(allocatable).filter(([name, count]) => count > 0 && isPlugins(name));
  if (offered.length === 0 || published.length === 0) return false;
  if (!devices || devices.some(({ instance }) => instance)) return true;
  return offered.reduce((sum, [, count]) => sum + count, published.length) > devices.length;
}

function isPlugins(name: string): boolean {
  return name === pluginResource || name.startsWith(`${vendor}mig-`);
}

/** Without MIG instances. */
export function wholeOnes(devices: readonly Device[]): Device[] {
  return devices.filter(({ instance }) => !instance);
}

/** GPUs by node; a node that is not in it: nothing is known of its GPUs now. */
export type Devices = ReadonlyMap<string, readonly Device[]>;

/** Of its GPUs: as the label says, or else as they all say; "" where they differ. */
export function modelOf({ model }: SchedNode, devices: readonly Device[] | undefined): string {
  if (model !== "" || devices === undefined) return model;
  const models = new Set(devices.map((device) => device.model));
  const [only = ""] = models;
  return models.size === 1 ? only : "";
}
