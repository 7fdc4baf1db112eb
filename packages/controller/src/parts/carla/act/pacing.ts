import type { Clock } from "@walras/kit";

import { firstPace, type Pace, paceAfter, type Queue } from "../decide/queue.ts";
import type { Release } from "./release.ts";

export interface PacingOptions {
  readonly releases: { inFlight(): readonly Release[] };
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** What has not begun by then is stuck, and says nothing of the others: its controller may be down. */
const stuckMs = 30_000;

/** Watches how long Argo CD takes to begin what it is asked for. */
export class Pacing {
  readonly #options: PacingOptions;
  #pace: Pace = firstPace;
  /** By id, those that had not begun: when they were asked for. */
  #waiting: ReadonlyMap<string, number> = new Map();
  #lookedMs = -Infinity;

  constructor(options: PacingOptions) {
    this.#options = options;
  }

  queue(): Queue {
    const { most, waitMs } = this.#pace;
    return { most, waitMs, notBegun: this.#notBegun().size };
  }

  /** After releases have been followed. */
  look(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const waiting = this.#notBegun();
    const since = (sinceMs: number): number => nowMs - sinceMs;
    const begun = [...this.#askedSince()].filter(([id, sinceMs]) => !waiting.has(id) && since(sinceMs) < stuckMs);
    this.#pace = paceAfter(this.#pace, {
      begunMs: begun.map(([, sinceMs]) => since(sinceMs)),
      waitingMs: [...waiting.values()].map(since),
      elapsedMs: since(this.#lookedMs),
    });
    this.#waiting = waiting;
    this.#lookedMs = nowMs;
  }

  /** Those that waited at the last look, and those that have been asked for since, whatever became of them. */
  #askedSince(): ReadonlyMap<string, number> {
    const since = this.#options.releases.inFlight().filter(({ begunMs }) => begunMs > this.#lookedMs);
    return new Map([...this.#waiting, ...since.map(({ id, begunMs }) => [id, begunMs] as const)]);
  }

  #notBegun(): ReadonlyMap<string, number> {
    const nowMs = this.#options.clock.monotonicMs();
    const waiting = this.#options.releases
      .inFlight()
      .filter(({ phase, begunMs }) => phase === "asked" && nowMs - begunMs < stuckMs);
    return new Map(waiting.map(({ id, begunMs }) => [id, begunMs]));
  }
}
