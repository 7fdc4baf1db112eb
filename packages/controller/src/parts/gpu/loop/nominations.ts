import type { Clock } from "@walras/kit";

import type { Nomination, RoomMade } from "../decide/preempt/nomination.ts";
import type { SchedPod } from "../decide/schedule/pod.ts";
import type { Nominated } from "../decide/schedule/site.ts";

/**
 * So long agents may still tell of processes of a pod that is gone: they look at processes each minute, tell it within 10 s, and are
 * believed for a minute.
 */
const seenMs = 90_000;
/** Who was not let leave is left alone for so long. */
const sparedMs = 30_000;

interface Held {
  readonly nomination: Nomination;
  /** Since when all who were to leave are gone, in monotonic milliseconds; null: some are not. */
  goneAtMs: number | null;
}

/** For whom room is made where, from the decision until it is placed. */
export class Nominations {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();
  readonly #spared = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get nominated(): Nominated {
    return new Map([...this.#held].map(([uid, { nomination }]) => [uid, nomination]));
  }

  get all(): ReadonlyMap<string, Nomination> {
    return new Map([...this.#held].map(([uid, { nomination }]) => [uid, nomination]));
  }

  get spared(): ReadonlySet<string> {
    const nowMs = this.#clock.monotonicMs();
    for (const [uid, atMs] of this.#spared) if (nowMs - atMs > sparedMs) this.#spared.delete(uid);
    return new Set(this.#spared.keys());
  }

  /** UIDs of those who leave. */
  get going(): ReadonlySet<string> {
    return new Set([...this.#held.values()].flatMap(({ nomination }) => nomination.victims.map(({ uid }) => uid)));
  }

  /** Room was made for it, and it has not got it. */
  isOver(uid: string): boolean {
    return this.has(uid) && !this.waits(uid);
  }

  has(uid: string): boolean {
    return this.#held.has(uid);
  }

  /** Whether nobody else is evicted for this pod yet: those who leave for it are not gone, or were there until just now. */
  waits(uid: string): boolean {
    const held = this.#held.get(uid);
    return held !== undefined && (held.goneAtMs === null || this.#clock.monotonicMs() - held.goneAtMs < seenMs);
  }

  /** Takes over what a cycle decided about those whose turn it was. */
  renew({ made, kept, displaced }: RoomMade, decided: Iterable<SchedPod>): void {
    for (const { uid } of [...decided, ...displaced]) if (!kept.has(uid)) this.#held.delete(uid);
    this.add(made.flat());
  }

  add(made: readonly Nomination[]): void {
    for (const nomination of made) this.#held.set(nomination.pod.uid, { nomination, goneAtMs: null });
  }

  /** It is not made room for: those who were to leave have not been let. */
  forget({ pod, victims }: Nomination): void {
    this.#held.delete(pod.uid);
    for (const { uid } of victims) this.#spared.set(uid, this.#clock.monotonicMs());
  }

  /** Forgets those who have a place or are gone, and sees who has left. */
  settle(podOf: (uid: string) => SchedPod | undefined): void {
    for (const [uid, held] of this.#held) {
      const pod = podOf(uid);
      if (!pod || pod.node !== "" || pod.ended || pod.terminating) this.#held.delete(uid);
      else if (held.nomination.victims.every((victim) => hasLeft(podOf(victim.uid))))
        held.goneAtMs ??= this.#clock.monotonicMs();
    }
  }
}

function hasLeft(pod: SchedPod | undefined): boolean {
  return pod === undefined || pod.ended;
}
