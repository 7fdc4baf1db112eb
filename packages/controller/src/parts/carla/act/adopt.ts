import type { ApplicationState, OperationState } from "../argocd/port.ts";
import type { RolloutPolicy } from "../config/policy.ts";
import type { Release } from "./release.ts";

/** What is made of an operation that carries our mark and that this process did not start. */
export type Adoption =
  | { readonly kind: "release"; readonly release: Release }
  /** It had ended badly: remembered as a failure at that time. */
  | { readonly kind: "failure"; readonly atMs: number; readonly releaseId: string }
  /** Nothing is left to be done about it. */
  | { readonly kind: "over"; readonly releaseId: string };

/**
 * A process that died leaves its releases to the next one, and Argo CD is the
 * witness: the release's id is in the operation.
 *
 * @returns null where the last operation is not ours
 */
export function adoptionOf(
  app: string,
  application: ApplicationState,
  policy: RolloutPolicy,
  now: { readonly wallMs: number; readonly monotonicMs: number },
): Adoption | null {
  const { operation } = application;
  if (!operation || operation.releaseId === null) return null;
  const { releaseId, phase } = operation;
  const elapsedMs = Math.max(0, now.wallMs - operation.startedAtMs);
  if (phase === "Running" || phase === "Terminating") {
    return { kind: "release", release: taken(app, application, { operation, begunMs: now.monotonicMs - elapsedMs }) };
  }
  if (phase !== "Succeeded") {
    const recent = elapsedMs < policy.backoffMaxMs;
    return recent
      ? { kind: "failure", atMs: Math.min(now.wallMs, operation.startedAtMs), releaseId }
      : { kind: "over", releaseId };
  }
  const settled = application.sync === "Synced" && application.health === "Healthy";
  if (settled || elapsedMs >= policy.timeoutMs) return { kind: "over", releaseId };
  return { kind: "release", release: taken(app, application, { operation, begunMs: now.monotonicMs - elapsedMs }) };
}

function taken(
  app: string,
  { namespace, name, project }: ApplicationState,
  { operation, begunMs }: { operation: OperationState; begunMs: number },
): Release {
  return {
    id: operation.releaseId ?? "",
    app,
    ref: { namespace, name },
    project,
    revisions: operation.revisions,
    rollback: false,
    prune: operation.prune,
    // Whether it began in time is still to be seen.
    phase: operation.phase === "Succeeded" ? "verifying" : "asked",
    startedAtMs: operation.startedAtMs,
    begunMs,
    healthySinceMs: null,
    degradedSinceMs: null,
    outOfSyncSinceMs: null,
    withdrawn: null,
  };
}
