import { describe, expect, it } from "vitest";

import type { ApplicationState } from "../argocd/port.ts";
import type { RolloutPolicy } from "../config/policy.ts";
import { advance, type Release } from "./release.ts";
import { operation, pendingApplication } from "./testing.ts";

const policy: RolloutPolicy = {
  timeoutMs: 1_800_000,
  healthyHoldMs: 10_000,
  degradedGraceMs: 60_000,
  rollback: false,
  prune: false,
  backoffFirstMs: 60_000,
  backoffMaxMs: 3_600_000,
};

const asked: Release = {
  id: "rel-1",
  app: "metallb",
  ref: { namespace: "argocd", name: "metallb" },
  project: "default",
  revisions: ["r2"],
  rollback: false,
  prune: false,
  phase: "asked",
  startedAtMs: 0,
  begunMs: 0,
  healthySinceMs: null,
  degradedSinceMs: null,
  outOfSyncSinceMs: null,
  withdrawn: null,
};

const done = { sync: "Synced", health: "Healthy", operation: operation(), reconciledAtMs: 13_000 } as const;

/** The release looked at once for each [monotonic ms, what is different about its application]. */
function walk(
  ...looks: readonly (readonly [number, Partial<ApplicationState> | undefined])[]
): ReturnType<typeof advance> {
  let step: ReturnType<typeof advance> = { release: asked, need: "nothing", outcome: null };
  for (const [nowMs, given] of looks) {
    if (step.outcome) throw new Error(`over before ${nowMs}`);
    step = advance(step.release, given && pendingApplication(given), policy, { nowMs, stop: null });
  }
  return step;
}

describe("a release", () => {
  it("is done when its own operation succeeded, Argo CD compared since, and health held", () => {
    expect(walk([1_000, done]).outcome).toBeNull();
    expect(walk([1_000, done], [10_999, done]).outcome).toBeNull();
    expect(walk([1_000, done], [11_000, done]).outcome).toEqual({ kind: "succeeded", outOfSync: false });
  });

  it("does not take the operation before it for its own", () => {
    const old = { ...done, operation: operation({ releaseId: "rel-0" }) };
    expect(walk([1_000, old], [29_999, old])).toMatchObject({ outcome: null, release: { phase: "asked" } });
    expect(walk([1_000, old], [30_000, old]).outcome).toMatchObject({ kind: "failed", reason: "not_started" });
  });

  it("waits for an operation that Argo CD has and has not begun, but not for ever", () => {
    const requested = { operationRequested: true };
    expect(walk([1_000, requested], [1_799_999, requested]).outcome).toBeNull();
    expect(walk([1_000, requested], [1_800_000, requested]).outcome).toMatchObject({ reason: "not_started" });
  });

  it("asks for a comparison while health and sync are older than the operation", () => {
    const stale = { ...done, reconciledAtMs: 12_000 };
    expect(walk([1_000, stale], [60_000, stale])).toMatchObject({ need: "refresh", outcome: null });
    expect(walk([1_000, { ...stale, health: "Degraded" }], [90_000, stale]).outcome).toBeNull();
  });

  it("counts health anew after each break", () => {
    const progressing = { ...done, health: "Progressing" } as const;
    expect(walk([1_000, done], [8_000, progressing], [9_000, done], [18_000, done]).outcome).toBeNull();
    expect(walk([1_000, done], [8_000, progressing], [9_000, done], [19_000, done]).outcome).toEqual({
      kind: "succeeded",
      outOfSync: false,
    });
  });

  it("fails at once with its operation", () => {
    const failing = { operation: operation({ phase: "Failed", message: "task is not valid" }) };
    expect(walk([1_000, failing]).outcome).toEqual({
      kind: "failed",
      reason: "sync_failed",
      message: "task is not valid",
    });
  });

  it("fails when degraded for longer than grace, not before", () => {
    const degraded = { ...done, health: "Degraded" } as const;
    expect(walk([1_000, degraded], [60_999, degraded]).outcome).toBeNull();
    expect(walk([1_000, degraded], [61_000, degraded]).outcome).toMatchObject({ reason: "degraded" });
  });

  it("R1: has succeeded when what was synced is healthy and stays out of sync; a newer revision is not its matter", () => {
    const still = { ...done, sync: "OutOfSync" } as const;
    expect(walk([1_000, still], [60_999, still]).outcome).toBeNull();
    expect(walk([1_000, still], [61_000, still]).outcome).toEqual({ kind: "succeeded", outOfSync: true });
    const sick = { ...still, health: "Degraded" } as const;
    expect(walk([1_000, sick], [61_000, sick]).outcome).toMatchObject({ reason: "degraded" });
    const newer = { ...still, revisions: ["r3"] };
    expect(walk([1_000, newer], [61_000, newer]).outcome).toEqual({ kind: "succeeded", outOfSync: false });
  });

  it("R1: has not succeeded while Argo CD does not know whether it is in sync", () => {
    const unknown = { ...done, sync: "Unknown" } as const;
    expect(walk([1_000, unknown], [90_000, unknown]).outcome).toBeNull();
    expect(walk([1_000, unknown], [90_000, done]).outcome).toEqual({ kind: "succeeded", outOfSync: false });
    expect(walk([1_000, unknown], [1_800_000, unknown]).outcome).toMatchObject({ reason: "timeout" });
  });

  it("times out", () => {
    const never = { ...done, health: "Progressing" } as const;
    expect(walk([1_000, never], [1_800_000, never])).toMatchObject({ need: "nothing", outcome: { reason: "timeout" } });
  });

  it("has an operation that runs out of time ended, and is over when it has ended", () => {
    const running = { operation: operation({ phase: "Running", finishedAtMs: null }) };
    const terminating = { operation: operation({ phase: "Terminating", finishedAtMs: null }) };
    const ended = { operation: operation({ phase: "Failed", message: "Operation terminated" }) };
    const late = walk([1_000, running], [1_800_000, running], [1_801_000, running]);
    expect(late).toMatchObject({ need: "terminate", outcome: null, release: { phase: "terminating" } });
    expect(walk([1_000, running], [1_800_000, running], [1_801_000, terminating])).toMatchObject({
      need: "nothing",
      outcome: null,
    });
    expect(walk([1_000, running], [1_800_000, running], [1_802_000, ended]).outcome).toEqual({
      kind: "failed",
      reason: "timeout",
      message: "Operation terminated",
    });
  });

  it("gives up an operation that cannot be ended after as long again", () => {
    const running = { operation: operation({ phase: "Running", finishedAtMs: null }) };
    expect(walk([1_000, running], [3_599_999, running]).outcome).toBeNull();
    expect(walk([1_000, running], [3_600_000, running]).outcome).toMatchObject({ reason: "timeout" });
  });

  it("is over when somebody's operation takes its place, or the Application is deleted", () => {
    const running = { operation: operation({ phase: "Running", finishedAtMs: null }) };
    const theirs = { operation: operation({ releaseId: null, username: "admin" }) };
    expect(walk([1_000, running], [2_000, theirs]).outcome).toMatchObject({
      reason: "replaced",
      message: expect.stringContaining("admin") as string,
    });
    expect(walk([1_000, running], [2_000, undefined]).outcome).toMatchObject({ reason: "deleted" });
  });
});
