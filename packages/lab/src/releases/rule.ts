import type {
  AppPolicy,
  Approval,
  Change,
  HealthStatus,
  ReleaseConfig,
  SyncStatus,
  Usage,
} from "@walras/controller/carla";

import type { Week } from "./week.ts";

/** What Argo CD tells of the last operation on an application. */
export interface Operation {
  readonly phase: "Running" | "Succeeded" | "Failed";
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly revision: string;
}

/** What anybody may know of one application. */
export interface LabApp {
  readonly policy: AppPolicy;
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  /** The newest revision; null: there has been none. */
  readonly revision: string | null;
  /** Since when it is out of sync without a break; null: it is in sync. */
  readonly pendingSinceMs: number | null;
  readonly operation: Operation | null;
  /** Of what is pending. */
  readonly change: Change | null;
  readonly approval: Approval | null;
}

/** What a rule sees when it is asked; only good until it has answered. */
export interface LabView {
  readonly nowMs: number;
  /** Ticks since the week began; null: asked between two ticks. */
  readonly tick: number | null;
  readonly week: Week;
  readonly config: ReleaseConfig;
  readonly usage: Usage;
  /** In the order of apps.yaml. */
  readonly apps: readonly LabApp[];
}

/** A way to choose what is released. */
export interface ReleaseRule {
  readonly name: string;
  /** While this is so the rule is asked each second, not only each tick. */
  readonly following?: boolean;
  /** Names of what to release now, in this order. */
  choose(view: LabView): readonly string[];
}

export function isOperating({ operation }: LabApp): boolean {
  return operation?.phase === "Running";
}

/** Out of sync, and nothing done about it yet. */
export function isWaiting(app: LabApp): boolean {
  return app.sync === "OutOfSync" && !isOperating(app);
}
