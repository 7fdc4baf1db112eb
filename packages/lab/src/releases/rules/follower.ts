import type { ReleasePolicy, Tracks } from "@walras/controller/carla";

import type { LabApp } from "../rule.ts";

interface Followed {
  readonly revision: string;
  readonly sinceMs: number;
  healthySinceMs: number | null;
  degradedSinceMs: number | null;
}

/** Follows releases as the controller does: done is healthy for a while, not synced. */
export class Follower {
  readonly #tracks: Tracks;
  readonly #followed = new Map<string, Followed>();

  constructor(tracks: Tracks) {
    this.#tracks = tracks;
  }

  get busy(): boolean {
    return this.#followed.size > 0;
  }

  follows(name: string): boolean {
    return this.#followed.has(name);
  }

  begin({ policy, revision }: LabApp, nowMs: number): void {
    const followed = { revision: revision ?? "", sinceMs: nowMs, healthySinceMs: null, degradedSinceMs: null };
    this.#followed.set(policy.name, followed);
  }

  /** @returns whether a release has ended */
  look(apps: readonly LabApp[], policy: ReleasePolicy, nowMs: number): boolean {
    if (!this.busy) return false;
    let ended = false;
    for (const app of apps) {
      const { name } = app.policy;
      const release = this.#followed.get(name);
      const outcome = release && outcomeOf(release, app, policy, nowMs);
      if (!release || !outcome) continue;
      this.#followed.delete(name);
      ended = true;
      if (outcome === "failed") this.#tracks.failed(name, nowMs, policy.rollout);
      else this.#succeed(name, release, policy, nowMs);
    }
    return ended;
  }

  #succeed(name: string, { revision, sinceMs }: Followed, policy: ReleasePolicy, nowMs: number): void {
    const success = { tookMs: nowMs - sinceMs, revisions: [revision], settled: null, atMs: nowMs };
    this.#tracks.succeeded(name, success, policy.rolloutAlpha);
  }
}

function outcomeOf(
  release: Followed,
  app: LabApp,
  policy: ReleasePolicy,
  nowMs: number,
): "succeeded" | "failed" | null {
  if (app.operation?.phase === "Failed") return "failed";
  const verdict = app.operation?.phase === "Succeeded" ? verdictOn(release, app, policy, nowMs) : null;
  const late = nowMs - release.sinceMs >= policy.rollout.timeoutMs;
  return verdict ?? (late ? "failed" : null);
}

/** Health must have lasted, for better or worse. */
function verdictOn(
  release: Followed,
  { health }: LabApp,
  { rollout }: ReleasePolicy,
  nowMs: number,
): "succeeded" | "failed" | null {
  release.healthySinceMs = health === "Healthy" ? (release.healthySinceMs ?? nowMs) : null;
  release.degradedSinceMs = health === "Degraded" ? (release.degradedSinceMs ?? nowMs) : null;
  if (lasted(release.degradedSinceMs, rollout.degradedGraceMs, nowMs)) return "failed";
  return lasted(release.healthySinceMs, rollout.healthyHoldMs, nowMs) ? "succeeded" : null;
}

function lasted(sinceMs: number | null, forMs: number, nowMs: number): boolean {
  return sinceMs !== null && nowMs - sinceMs >= forMs;
}
