import { eachStep, type Resources, type Rule, type Seen, type Sizing, type Standing } from "../rule.ts";
import { SortedWindow } from "./sorted.ts";

const dayMs = 24 * 3_600_000;
const hourMs = 3_600_000;

/** A value read off the history of use, and when it is applied. */
interface Applied {
  /** 95th percentile of the history to a request. */
  request(p95Milli: number, has: Resources): number;
  limit(declared: Resources): number | null;
  /** Fewer samples say nothing. */
  readonly leastSamples: number;
  /** Whether it is time, `lastMs` being when it was applied last. */
  due(nowMs: number, lastMs: number): boolean;
}

const share = 0.95;
/** A week of five minutes. */
const kept = 7 * 288;

/** A request read off the 95th percentile of a week. */
class PercentileSizing implements Sizing {
  readonly #declared: Resources;
  readonly #applied: Applied;
  readonly #history = new SortedWindow(kept);
  #lastMs = -Infinity;
  #recommended: Resources | null = null;

  constructor(declared: Resources, applied: Applied) {
    this.#declared = declared;
    this.#applied = applied;
  }

  observe({ usedMilli }: Seen): void {
    this.#history.push(usedMilli);
  }

  want({ nowMs, has }: Standing): Resources {
    const limitMilli = this.#applied.limit(this.#declared);
    const enough = this.#history.size >= this.#applied.leastSamples;
    if (!enough || !this.#applied.due(nowMs, this.#lastMs)) return { requestMilli: has.requestMilli, limitMilli };
    const p95 = this.#history.percentile(share);
    const requestMilli = Math.min(Math.round(this.#applied.request(p95, has)), limitMilli ?? Infinity);
    if (requestMilli !== has.requestMilli) this.#lastMs = nowMs;
    this.#recommended = { requestMilli, limitMilli };
    return this.#recommended;
  }

  atCreation(): Resources {
    const { requestMilli } = this.#declared;
    return this.#recommended ?? { requestMilli, limitMilli: this.#applied.limit(this.#declared) };
  }
}

function byPercentile(name: string, applied: Applied): Rule {
  return {
    name,
    sizing: (declared) => new PercentileSizing(declared, applied),
    how: { resizes: "whole", parts: eachStep, rations: false },
  };
}

/** KRR (robusta-dev/krr): the 95th percentile without a limit, here deployed each midnight. */
const p95 = byPercentile("p95, no limit", {
  request: (milli) => Math.max(10, milli),
  limit: () => null,
  leastSamples: 1,
  due: (nowMs) => nowMs % dayMs === 0,
});

/**
 * Attune (attune-io/attune, api/v1alpha1/defaults.go): the 95th percentile and 20 %, 50 m to 4 cores, moved by at
 * most half of what is there, an hour after the last move; limits stay. Without its boost for bursts.
 */
const attune = byPercentile("Attune", {
  request: (milli, { requestMilli }) =>
    Math.max(requestMilli * 0.5, Math.min(requestMilli * 1.5, Math.max(50, Math.min(4000, milli * 1.2)))),
  limit: ({ limitMilli }) => limitMilli,
  leastSamples: 48,
  due: (nowMs, lastMs) => nowMs - lastMs >= hourMs,
});

export const percentileRules: readonly Rule[] = [p95, attune];
