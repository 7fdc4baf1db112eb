import type { Constraints } from "./terms.ts";

/** Amounts by resource: CPU in millicores, memory in bytes, everything else as it is counted. */
export type Amounts = Readonly<Record<string, number>>;

/** What device plugins of NVIDIA count begins so. */
export const vendor = "nvidia.com/";
export const pluginResource = `${vendor}gpu`;

/** What a pod asks of GPUs. */
export interface GpuAsk {
  /** 0: none, unless a scheduling map gives some. */
  readonly gpus: number;
  /** Of each, in thousandths; 1000 for whole ones, 0 for none. */
  readonly gpuMilli: number;
  /** Any of these; empty: any. */
  readonly models: readonly string[];
  /** Profile of the MIG instance that it asks for, and of no GPU beside it; null: none. */
  readonly mig: string | null;
  /** By the device plugin's resource: the kubelet chooses which. */
  readonly plugin: boolean;
}

/** How many GPUs or MIG instances it gets; 0: none, unless a map gives some. */
export function devicesAsked({ gpus, mig }: GpuAsk): number {
  return mig === null ? gpus : 1;
}

/** Pods that are placed together or not at all. */
export interface Gang {
  readonly name: string;
  readonly size: number;
}

/** A pod as far as scheduling is concerned. */
export interface SchedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** "": none yet. */
  readonly node: string;
  /** Succeeded or failed: it holds nothing any more. */
  readonly ended: boolean;
  readonly terminating: boolean;
  /** It names this scheduler. What is below is known of such pods alone. */
  readonly ours: boolean;
  /** One of `pods` included. */
  readonly request: Amounts;
  readonly ask: GpuAsk;
  /** Which annotation or request cannot be served, and why; null: none. */
  readonly complaint: string | null;
  readonly constraints: Constraints;
  readonly gated: boolean;
  readonly priority: number;
  /** It may have others evicted for it: its preemptionPolicy is not Never. */
  readonly preempts: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  /** What made it; null: nothing did. */
  readonly workload: { readonly kind: string; readonly name: string } | null;
  /** Its number among the pods of its workload; null: it has none. */
  readonly ordinal: number | null;
  /** Its annotation with a scheduling map; null: it has none. */
  readonly mapText: string | null;
  readonly gang: Gang | null;
  /** Whether it may be moved so that others have room, as its annotation says; null: it says nothing. */
  readonly movable: boolean | null;
  /** UUIDs that were written on it: of one that is not bound, a claim. */
  readonly devices: readonly string[];
  /** How those are enforced, as was written; "": nothing was. */
  readonly enforcedBy: string;
  /** resourceVersion while it is not bound; "" after. */
  readonly version: string;
  /** What its condition says of why it is not scheduled; "": nothing. */
  readonly unscheduled: string;
  /** Names of its ResourceClaims; those that are not made yet are missing. Of pods of other schedulers too. */
  readonly claims: readonly string[];
  /** Why its claims are not all known; null: they are, or it has none. */
  readonly claimLack: string | null;
  /** Another scheduler has said where it is going to be. */
  readonly nominated: boolean;
}

export const noAsk: GpuAsk = { gpus: 0, gpuMilli: 0, models: [], mig: null, plugin: false };

type Asked = Omit<SchedPod, "uid" | "namespace" | "name" | "node" | "ended" | "terminating" | "request" | "ours">;

/** A pod that asks for nothing but its requests, and of which nothing else is known. */
export const nothingAsked: Asked = {
  ask: noAsk,
  complaint: null,
  constraints: { tolerations: [], nodeSelector: {}, terms: null, unsupported: [] },
  gated: false,
  priority: 0,
  preempts: false,
  labels: {},
  createdAtMs: 0,
  workload: null,
  ordinal: null,
  mapText: null,
  gang: null,
  movable: null,
  devices: [],
  enforcedBy: "",
  version: "",
  unscheduled: "",
  claims: [],
  claimLack: null,
  nominated: false,
};

/** Whether DRA gives it devices. */
export function hasClaims({ claims, claimLack }: Pick<SchedPod, "claims" | "claimLack">): boolean {
  return claims.length > 0 || claimLack !== null;
}

export function podKey({ namespace, name }: Pick<SchedPod, "namespace" | "name">): string {
  return `${namespace}/${name}`;
}

/** By which pods of one workload are known; null: nothing made it. */
export function workloadOf({ namespace, workload }: SchedPod): string | null {
  return workload && workloadKey(namespace, workload);
}

export function workloadKey(namespace: string, workload: { readonly kind: string; readonly name: string }): string {
  return `${namespace}/${workload.kind}/${workload.name}`;
}
