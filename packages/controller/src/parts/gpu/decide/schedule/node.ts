import type { Taint } from "./terms.ts";
import type { Amounts } from "./pod.ts";

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

/** A GPU of a node, as it was last seen. */
export interface Device {
  readonly uuid: string;
  readonly index: number;
  readonly model: string;
  /** Why it is not given to anybody; null: it is well. */
  readonly unhealthy: string | null;
  readonly holders: readonly { readonly namespace: string; readonly pod: string; readonly by: "kubelet" | "process" }[];
  /** Processes on it that are in no container that is known. */
  readonly foreignPids: readonly number[];
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
