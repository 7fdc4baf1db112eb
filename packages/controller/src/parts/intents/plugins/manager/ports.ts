import type { ForeignProposal, ForeignQuestion } from "../../decide/foreign/told.ts";
import type { Action, IntentSnapshot, Profile } from "../../decide/snapshot.ts";

/** What a plugin is to know of an intent besides one state. */
export interface Situation {
  readonly intent: IntentSnapshot;
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** Actuators that have registered. */
export interface Plugins {
  /** In a fixed order. */
  names(): readonly string[];
  /** What one of them proposes in a state. @throws Error where it is not to be had, with the reason */
  propose(question: ForeignQuestion, situation: Situation, signal: AbortSignal): Promise<readonly ForeignProposal[]>;
  /** Gives one of them the whole plan, of which it does what is its own. @throws Error where it fails */
  perform(name: string, situation: Situation, plan: readonly Action[], signal: AbortSignal): Promise<void>;
  /** Tells one of them that it may learn. @throws Error where it fails */
  effect(name: string, situation: Situation, signal: AbortSignal): Promise<void>;
}

export type PluginCall = "NextState" | "Perform" | "Effect";

/** What is told of calls to plugins. */
export interface PluginCallObserver {
  called(plugin: string, call: PluginCall, tookMs: number): void;
  failed(plugin: string, call: PluginCall, reason: string): void;
}

/** What is told of plugins. */
export interface PluginObserver extends PluginCallObserver {
  registered(plugin: string, count: number): void;
  refused(reason: string): void;
  dropped(plugin: string, count: number): void;
}
