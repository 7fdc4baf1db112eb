import type { Models } from "../models/effects.ts";

export const kpiTypes = ["latency", "availability", "throughput", "power"] as const;
export type KpiType = (typeof kpiTypes)[number];

/** What a KPI is, and whether less of it is better. */
export interface Profile {
  readonly type: KpiType;
  readonly minimize: boolean;
}

/** A value, an old value and no value are three things; only the first is decided from. */
export type Measurement =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "stale"; readonly value: number; readonly ageSeconds: number }
  | { readonly kind: "missing" };

/** A target in the KPI's own unit; the tolerance is a fraction of it. */
export interface Objective {
  /** What its intent calls it; nothing is decided from it. */
  readonly name?: string;
  /** Key of the profile, `namespace/name`. */
  readonly profile: string;
  readonly target: number;
  readonly tolerance: number;
}

export interface PodState {
  readonly name: string;
  /** [0, 1]. */
  readonly availability: number;
  /** null: not scheduled. */
  readonly node: string | null;
  /** As Kubernetes names phases, and Terminating. */
  readonly phase: string;
  /** Whether it serves; undefined: nobody tells. */
  readonly ready?: boolean;
  readonly qosClass: string;
}

/** An action as the prototype's plugins take it. */
export interface Action {
  readonly name: string;
  readonly properties: Readonly<Record<string, number | string>>;
}

/** What a plan would have had, without regard to what it was some seconds before. */
export interface Wish {
  readonly atMs: number;
  readonly pods: number;
  /** null: no CPU is declared. */
  readonly cpuMilli: number | null;
}

/** What was measured of a workload at one moment, and what was planned for then. */
export interface Moment {
  readonly atMs: number;
  readonly load: number;
  /** By the key of a latency's profile: how many times the work there was that the moment before had planned for. */
  readonly works: ReadonlyMap<string, number>;
  readonly planned: Planned;
}

/** The load that was to come, on so many replicas that serve with so much CPU. */
interface Planned {
  readonly load: number;
  readonly serving: number;
  readonly cpuMilli: number;
}

/** What has been done for an intent, oldest first. */
export interface IntentHistory {
  readonly grownAtMs: number | null;
  readonly shrunkAtMs: number | null;
  /** Since when wishes have been noted. */
  readonly sinceMs: number;
  readonly wishes: readonly Wish[];
  readonly moments: readonly Moment[];
}

export interface IntentSnapshot {
  /** `namespace/name`. */
  readonly name: string;
  readonly target: { readonly kind: string; readonly name: string };
  /** The workload takes intents of this intent's namespace, though it is in another. */
  readonly granted?: boolean;
  /** (0, 1], the highest is planned first. */
  readonly priority: number;
  /** false: planned and told, never done. */
  readonly active: boolean;
  readonly objectives: readonly Objective[];
  /** By the key of the profile; an absent one is missing. */
  readonly measured: ReadonlyMap<string, Measurement>;
  readonly pods: readonly PodState[];
  /** `<container>_<resource>_<requests|limits>` to milli-units, of one pod. */
  readonly resources: ReadonlyMap<string, number>;
  readonly annotations: ReadonlyMap<string, string>;
  /** Host metrics by name, then by node. */
  readonly data: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly models: Models;
  /** null: nothing is remembered, and nothing waits. */
  readonly history: IntentHistory | null;
}

/** Everything that a plan is made from. */
export interface PlanningSnapshot {
  readonly nowMs: number;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly intents: readonly IntentSnapshot[];
  /** CPU that is free on nodes, millicores; a node that is not in it is not known, and no bound. */
  readonly freeMilli: ReadonlyMap<string, number>;
}
