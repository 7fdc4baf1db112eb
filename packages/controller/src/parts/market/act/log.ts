import { isPaused, type Lane, type Refusal, type ResizeMemory } from "./memory.ts";
import { forbidsForEver, laneOf, remember, shortened } from "./refusal.ts";
import type { Verdict } from "./verdict.ts";

const nothing: ResizeMemory = {
  patchedGeneration: 0,
  lastCutMs: -Infinity,
  deferredSinceMs: null,
  refusals: {},
  barred: null,
};

const raises: readonly Lane[] = ["request", "limit"];

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

  /** Somebody refused what these lanes are about. */
  refused(podUid: string, lanes: readonly Lane[], why: Pick<Refusal, "reason" | "message">, nowMs: number): void {
    const before = this.of(podUid);
    const refusals = Object.fromEntries(
      lanes.map((lane) => [lane, remember(before.refusals[lane] ?? null, why.reason, why.message, nowMs)]),
    );
    this.#memories.set(podUid, { ...before, refusals: { ...before.refusals, ...refusals } });
  }

  /**
   * What the pod itself says now: since when a resize is deferred, what is infeasible.
   *
   * @param asked what the desire that is told of asks for
   */
  noted(podUid: string, verdict: Verdict, nowMs: number, asked: readonly Lane[] = raises): void {
    if (verdict.kind === "infeasible") this.#infeasible(podUid, asked, verdict.message, nowMs);
    const before = this.of(podUid);
    const deferredSinceMs = verdict.kind === "deferred" ? (before.deferredSinceMs ?? nowMs) : null;
    if (deferredSinceMs !== before.deferredSinceMs) this.#memories.set(podUid, { ...before, deferredSinceMs });
  }

  /** A deferred request is given up: it is not asked for again at once. */
  gaveUp(podUid: string, message: string, nowMs: number): void {
    if (isPaused(this.of(podUid).refusals, "request", nowMs)) return;
    this.refused(podUid, ["request"], { reason: "Deferred", message }, nowMs);
  }

  /**
   * What was refused for this reason may have become possible: it is asked for
   * after the first pause, however long the last one was.
   */
  mayAskAgain(concerns: (podUid: string) => boolean, reason: string): void {
    for (const [uid, before] of this.#memories) {
      const lanes = Object.entries(before.refusals).filter(([, refusal]) => refusal.reason === reason);
      if (lanes.length === 0 || !concerns(uid)) continue;
      const sooner = Object.fromEntries(lanes.map(([lane, refusal]) => [lane, shortened(refusal)]));
      this.#memories.set(uid, { ...before, refusals: { ...before.refusals, ...sooner } });
    }
  }

  forget(podUid: string): void {
    this.#memories.delete(podUid);
  }

  #infeasible(podUid: string, asked: readonly Lane[], message: string, nowMs: number): void {
    const before = this.of(podUid);
    if (forbidsForEver(message)) {
      this.#memories.set(podUid, { ...before, barred: { reason: "StaticManager", message } });
      return;
    }
    const lanes = laneOf({ reason: "Infeasible", message }, asked.length > 0 ? asked : raises);
    if (!lanes.every((lane) => isPaused(before.refusals, lane, nowMs)))
      this.refused(podUid, lanes, { reason: "Infeasible", message }, nowMs);
  }
}
