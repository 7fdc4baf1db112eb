import type { Refusal, ResizeMemory } from "./plan.ts";
import { remember } from "./refusal.ts";
import type { Verdict } from "./verdict.ts";

const nothing: ResizeMemory = { patchedGeneration: 0, lastCutMs: -Infinity, deferredSinceMs: null, refusal: null };

/** What is remembered of each pod's resizes. Losing it loses patience, never safety. */
export class ResizeLog {
  readonly #memories = new Map<string, ResizeMemory>();

  of(podUid: string): ResizeMemory {
    return this.#memories.get(podUid) ?? nothing;
  }

  /** The API server has taken a resize. */
  patched(podUid: string, generation: number, cut: boolean, nowMs: number): void {
    const before = this.of(podUid);
    this.#memories.set(podUid, {
      ...before,
      patchedGeneration: generation,
      lastCutMs: cut ? nowMs : before.lastCutMs,
      deferredSinceMs: null,
    });
  }

  /** Somebody refused to raise the pod; answers what is remembered of it. */
  refused(podUid: string, reason: string, message: string, nowMs: number): Refusal {
    const before = this.of(podUid);
    const refusal = remember(before.refusal, reason, message, nowMs);
    this.#memories.set(podUid, { ...before, refusal });
    return refusal;
  }

  /** What the pod itself says now: since when a resize is deferred, what is infeasible. */
  noted(podUid: string, verdict: Verdict, nowMs: number): void {
    const before = this.of(podUid);
    const deferredSinceMs = verdict.kind === "deferred" ? (before.deferredSinceMs ?? nowMs) : null;
    if (verdict.kind === "infeasible" && !isPaused(before.refusal, nowMs)) {
      this.refused(podUid, "Infeasible", verdict.message, nowMs);
      return;
    }
    if (deferredSinceMs !== before.deferredSinceMs) this.#memories.set(podUid, { ...before, deferredSinceMs });
  }

  forget(podUid: string): void {
    this.#memories.delete(podUid);
  }
}

function isPaused(refusal: Refusal | null, nowMs: number): boolean {
  return refusal !== null && nowMs < refusal.untilMs;
}
