import { type Clock, describeError, type Logger } from "@walras/kit";

/** The steps of a round, in order. */
export type RoundStep = "hear" | "observe" | "decide" | "plan" | "validate" | "act" | "explain";

/** What is told of each round; the metrics behind it are listed in ops/metrics.ts. */
export interface RoundObserver {
  stepTook(step: RoundStep, tookMs: number): void;
  roundFailed(): void;
}

/** Runs each step of a round timed and by name. */
export class StepTimer {
  readonly #clock: Clock;
  readonly #observer: RoundObserver;

  constructor(clock: Clock, observer: RoundObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  step<T>(name: RoundStep, run: () => T): T {
    const startedMs = this.#clock.monotonicMs();
    try {
      return run();
    } finally {
      this.#observer.stepTook(name, this.#clock.monotonicMs() - startedMs);
    }
  }
}

/** One node's failure is told and counted, and does not reach the other nodes. */
export function guarded(node: string, run: () => void, observer: RoundObserver, logger: Logger): void {
  try {
    run();
  } catch (error) {
    observer.roundFailed();
    logger.error({ node, error: describeError(error) }, "round failed");
  }
}
