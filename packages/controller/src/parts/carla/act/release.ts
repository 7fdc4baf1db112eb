import type { ApplicationRef, ApplicationState, OperationState } from "../argocd/port.ts";
import type { RolloutPolicy } from "../config/policy.ts";
import type { Stop } from "../decide/freeze.ts";
import type { Settled } from "../decide/snapshot.ts";

/** How a release ended, and why. */
export type Outcome =
  /** @property outOfSync what was released is there and healthy, and Argo CD calls it OutOfSync for ever */
  | { readonly kind: "succeeded"; readonly outOfSync: boolean }
  | { readonly kind: "failed"; readonly reason: FailureReason; readonly message: string }
  /** Taken back before it was done: it says nothing of what was to be released. */
  | { readonly kind: "withdrawn"; readonly reason: Stop["reason"]; readonly message: string };

type FailureReason = "not_started" | "refused" | "sync_failed" | "degraded" | "timeout" | "replaced" | "deleted";

/**
 * asked: Argo CD was asked, and its answer may have been lost. syncing: its
 * operation is ours and runs. terminating: it ran out of time or is taken back,
 * and has not ended yet. verifying: the operation succeeded; what it made is not known to
 * be healthy yet.
 */
type ReleasePhase = "asked" | "syncing" | "terminating" | "verifying";

/** One release of one application, from the request until it is healthy or failed. */
export interface Release {
  readonly id: string;
  /** "namespace/name". */
  readonly app: string;
  readonly ref: ApplicationRef;
  readonly project: string;
  /** What is released; empty: whatever the Application asks for. */
  readonly revisions: readonly string[];
  readonly rollback: boolean;
  readonly prune: boolean;
  readonly phase: ReleasePhase;
  /** Wall milliseconds, for people. */
  readonly startedAtMs: number;
  /** Monotonic milliseconds, for time limits. */
  readonly begunMs: number;
  /** Monotonic milliseconds since which this has been so without a break. */
  readonly healthySinceMs: number | null;
  readonly degradedSinceMs: number | null;
  readonly outOfSyncSinceMs: number | null;
  /** It is being taken back, and why; null: it is not. */
  readonly withdrawn: Stop["reason"] | null;
}

/** What must be asked of Argo CD before the release can go on. */
export type Need = "nothing" | "refresh" | "terminate";

export interface Advance {
  readonly release: Release;
  readonly need: Need;
  readonly outcome: Outcome | null;
}

/** Argo CD takes a while to pick up an operation; a request that left no trace for this long was lost. */
const noTraceMs = 30_000;

/** When a release is looked at, and what stands against it then. */
export interface Moment {
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  readonly stop: Stop | null;
}

/**
 * The release after a look at its application. Pure: what it takes to be done
 * is that our operation succeeded, that Argo CD has compared since then, that the
 * synced revision is in sync or has had time enough to be, and that health has
 * held. What a sync that succeeded leaves OutOfSync no rollback would mend.
 * Argo CD's clock is compared with itself, and with the end of a window: what
 * it begins after that is taken back.
 *
 * @param application as last heard of; undefined: it is gone
 */
export function advance(
  release: Release,
  application: ApplicationState | undefined,
  policy: RolloutPolicy,
  { nowMs, stop }: Moment,
): Advance {
  if (!application) return failed(release, "deleted", "the Application is gone");
  const operation = application.operation?.releaseId === release.id ? application.operation : null;
  if (!operation) return withoutTrace(release, application, policy, { nowMs, stop });
  return followed(release, { application, operation, policy, nowMs }, stop);
}

function followed(release: Release, look: Look, stop: Stop | null): Advance {
  const { application, operation, policy, nowMs } = look;
  const late = nowMs - release.begunMs >= policy.timeoutMs;
  if (operation.phase === "Succeeded") return inTime(verify(release, look), application, late);
  if (operation.phase === "Failed" || operation.phase === "Error") return operationFailed(release, operation);
  const at = stop && isStopped(release, operation, stop) ? { ...release, withdrawn: stop.reason } : release;
  if (!late && at.withdrawn === null) return syncing(at);
  return ended(at, operation, nowMs - at.begunMs >= 2 * policy.timeoutMs);
}

/** Asked only of what is seen to run for the first time: what began in time goes on, also where windows are changed later. */
function isStopped({ phase }: Release, { startedAtMs }: OperationState, { scope, sinceMs }: Stop): boolean {
  return scope === "all" || (phase === "asked" && startedAtMs >= sinceMs);
}

function operationFailed(release: Release, { phase, message }: OperationState): Advance {
  if (release.withdrawn !== null) return withdrawn(release, release.withdrawn, message || phase);
  return failed(release, release.phase === "terminating" ? "timeout" : "sync_failed", message || phase);
}

function syncing(release: Release): Advance {
  return goesOn({ ...release, phase: "syncing" });
}

function withdrawn(release: Release, reason: Stop["reason"], message: string): Advance {
  return { release, need: "nothing", outcome: { kind: "withdrawn", reason, message } };
}

/** What still runs is still at risk, and stands in the way of a rollback: it is over when its operation is. */
function ended(release: Release, { phase }: OperationState, hopeless: boolean): Advance {
  const ending = { ...release, phase: "terminating" } as const;
  if (hopeless) return failed(ending, "timeout", "the operation does not end");
  return { ...goesOn(ending), need: phase === "Running" ? "terminate" : "nothing" };
}

function inTime(verified: Advance, { sync, health }: ApplicationState, late: boolean): Advance {
  return verified.outcome || !late ? verified : failed(verified.release, "timeout", `${sync}, ${health}`);
}

/** Our operation is not to be seen: not begun yet, lost, or replaced by somebody's. */
function withoutTrace(
  release: Release,
  application: ApplicationState,
  { timeoutMs }: RolloutPolicy,
  { nowMs, stop }: Moment,
): Advance {
  const { operation, operationRequested } = application;
  if (release.phase !== "asked") {
    return failed(release, "replaced", `an operation of ${operation?.username || "somebody else"} took its place`);
  }
  const patienceMs = operationRequested ? timeoutMs : noTraceMs;
  if (nowMs - release.begunMs < patienceMs)
    return stop ? takenBack(release, stop, operationRequested) : goesOn({ ...release, withdrawn: null });
  const message = operationRequested ? "Argo CD has not begun the operation" : "Argo CD did not take up the operation";
  return failed(release, "not_started", message);
}

/** Argo CD ends no operation that it has not begun: it is told again until it has, and then ends it at once. */
function takenBack(release: Release, { reason }: Stop, operationRequested: boolean): Advance {
  const at = { ...release, withdrawn: reason };
  return { ...goesOn(at), need: operationRequested ? "terminate" : "nothing" };
}

interface Look {
  readonly application: ApplicationState;
  readonly operation: OperationState;
  readonly policy: RolloutPolicy;
  readonly nowMs: number;
}

function verify(release: Release, look: Look): Advance {
  const { application, operation, policy, nowMs } = look;
  if (!isComparedSince(application, operation))
    return { ...goesOn({ ...release, phase: "verifying" }), need: "refresh" };
  const at = seen(release, look);
  if (lasted(at.degradedSinceMs, policy.degradedGraceMs, nowMs))
    return failed(at, "degraded", "the application is Degraded");
  const outOfSync = at.outOfSyncSinceMs !== null;
  const known = application.sync !== "Unknown";
  const settled = !outOfSync || lasted(at.outOfSyncSinceMs, policy.degradedGraceMs, nowMs);
  const healthy = known && settled && lasted(at.healthySinceMs, policy.healthyHoldMs, nowMs);
  return healthy ? { release: at, need: "nothing", outcome: { kind: "succeeded", outOfSync } } : goesOn(at);
}

/** Since when it is as it is. */
function seen(release: Release, { application, operation, nowMs }: Look): Release {
  const since = (isSo: boolean, beganMs: number | null): number | null => (isSo ? (beganMs ?? nowMs) : null);
  return {
    ...release,
    phase: "verifying",
    healthySinceMs: since(application.health === "Healthy", release.healthySinceMs),
    degradedSinceMs: since(application.health === "Degraded", release.degradedSinceMs),
    outOfSyncSinceMs: since(isOutOfSync(application, operation), release.outOfSyncSinceMs),
  };
}

/** Health and sync status are those of before until Argo CD has compared again. */
function isComparedSince(application: ApplicationState, { finishedAtMs }: OperationState): boolean {
  const { reconciledAtMs } = application;
  return reconciledAtMs !== null && finishedAtMs !== null && reconciledAtMs > finishedAtMs;
}

/** A newer revision that has come since is not this release's matter. */
function isOutOfSync(application: ApplicationState, operation: OperationState): boolean {
  if (application.sync !== "OutOfSync") return false;
  return revisionKey(application.revisions) === revisionKey(operation.revisions) || application.revisions.length === 0;
}

function lasted(sinceMs: number | null, forMs: number, nowMs: number): boolean {
  return sinceMs !== null && nowMs - sinceMs >= forMs;
}

function goesOn(release: Release): Advance {
  return { release, need: "nothing", outcome: null };
}

function failed(release: Release, reason: FailureReason, message: string): Advance {
  return { release, need: "nothing", outcome: { kind: "failed", reason, message } };
}

/** Ends that say nothing of what was to be released. */
export const notFailures: ReadonlySet<string> = new Set<FailureReason>(["not_started"]);

/** What a release that succeeded leaves behind; null: it is in sync, or nobody knows which revision it was of. */
export function settledBy(release: {
  readonly outOfSync: boolean;
  readonly revision: string | null;
  readonly prune: boolean;
}): Settled | null {
  const { outOfSync, revision, prune } = release;
  return outOfSync && revision !== null ? { revision, pruned: prune } : null;
}

/** What was deployed, as far as is known: one revision for each source. */
export function doneRevisions(release: Release, application: ApplicationState | undefined): readonly string[] {
  if (release.revisions.length > 0) return release.revisions;
  return application?.operation?.revisions ?? [];
}

/** Revisions of all sources as one word; null: not known. */
export function revisionKey(revisions: readonly string[]): string | null {
  return revisions.length === 0 ? null : revisions.join("+");
}
