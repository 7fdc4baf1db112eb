import type { Clock } from "@walras/kit";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import { Obstacle } from "./ports.ts";

/** After this long a plan was made for another situation. */
const writeWithinMs = 30_000;

export interface PlanWriterOptions {
  readonly writes: Pick<Writes, "perform">;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/** Writes of plans, through the queue: it tries again what the API server could not take, but not for long. */
export class PlanWriter {
  readonly #options: PlanWriterOptions;

  constructor(options: PlanWriterOptions) {
    this.#options = options;
  }

  /**
   * @param write may be called more than once, also after a call that was never answered
   * @throws Obstacle, KubeError, NotAllowed where this replica does not lead any more
   */
  perform<Result>(key: string, write: () => Promise<Result>): Promise<Result> {
    const { writes, clock } = this.#options;
    const untilMs = clock.monotonicMs() + writeWithinMs;
    return writes.perform({
      key: `intents ${key}`,
      priority: writePriority.actIntent,
      write: () => {
        if (clock.monotonicMs() <= untilMs) return write();
        return Promise.reject(new Obstacle("Outdated", `not written within ${writeWithinMs / 1000} s`));
      },
    });
  }
}
