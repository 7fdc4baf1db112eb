import type { ObjectRef } from "../../../base/told/decision.ts";
import type { IntentDecision } from "../decide/decision.ts";
import type { Action, IntentSnapshot, Measurement, PlanningSnapshot, Profile } from "../decide/snapshot.ts";
import type { Effect, Models } from "../models/effects.ts";

/** Who else decides about the same workload, and about what of it. */
export interface Rival {
  readonly kind: "HorizontalPodAutoscaler" | "ScaledObject" | "VerticalPodAutoscaler";
  /** `namespace/name`. */
  readonly name: string;
  readonly of: "replicas" | "cpu";
}

/** What an intent is about, as it was when it was looked at: whoever acts compares it again. */
export interface SeenTarget {
  readonly ref: ObjectRef;
  /** Of its template and replicas. */
  readonly generation: number;
  /** As declared, not as running. */
  readonly replicas: number;
  readonly pods: readonly { readonly name: string; readonly uid: string }[];
  readonly rivals: readonly Rival[];
}

/** One Intent, and what it is about. */
export interface SeenIntent {
  readonly ref: ObjectRef;
  readonly generation: number;
  readonly intent: Omit<IntentSnapshot, "measured" | "models" | "history">;
  /** null: there is no such workload. */
  readonly target: SeenTarget | null;
}

/** An Intent that cannot be read: nothing is planned for it. */
export interface BadIntent {
  readonly ref: ObjectRef;
  readonly generation: number;
  /** Names field and value. */
  readonly problem: string;
}

export interface Sight {
  readonly intents: readonly SeenIntent[];
  readonly bad: readonly BadIntent[];
  /** By `namespace/name`; one that is not resolved is not in it. */
  readonly profiles: ReadonlyMap<string, Profile>;
  /** CPU that is free on nodes, millicores. */
  readonly freeMilli: ReadonlyMap<string, number>;
}

/** Looks at intents and their workloads, from caches. */
export interface Observer {
  look(nowMs: number): Sight;
}

/** By intent, then by profile. */
export type Measured = ReadonlyMap<string, ReadonlyMap<string, Measurement>>;

/** Asks what the KPIs are; what cannot be had is missing, and nothing is thrown. */
export interface Meter {
  measure(intents: readonly SeenIntent[], signal: AbortSignal): Promise<Measured>;
}

/** A document of the prototype's collection `events`: what was, what was wanted, what was planned. */
export interface PlanEvent {
  /** Key of the intent. */
  readonly name: string;
  readonly timestampMs: number;
  readonly currentObjectives: Readonly<Record<string, number>>;
  readonly desiredObjectives: Readonly<Record<string, number>>;
  readonly resources: Readonly<Record<string, number>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly pods: Readonly<
    Record<
      string,
      {
        readonly availability: number;
        readonly nodename: string;
        readonly state: string;
        readonly qosclass: string;
      }
    >
  >;
  readonly data: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly plan: readonly Action[] | null;
}

/** What was planned and learnt; each call may fail, and planning goes on without it. */
export interface KnowledgeBase {
  record(event: PlanEvent): Promise<void>;
  /** The newest, oldest first. */
  events(intent: string, most: number): Promise<readonly PlanEvent[]>;
  /** In the order of writing. */
  effects(intent: string): Promise<readonly Effect[]>;
  learn(effect: Effect): Promise<void>;
}

/** What is known of an intent's KPIs now, from a cache. */
export interface ModelSource {
  modelsFor(intent: string, nowMs: number): Models;
}

/** Plans for all intents; actuators in other processes are asked on the way. */
export type Decide = (snapshot: PlanningSnapshot, signal: AbortSignal) => Promise<readonly IntentDecision[]>;
