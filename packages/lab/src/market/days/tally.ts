/** What one rule made of the judged time. */
export interface Outcome {
  readonly rule: string;
  readonly nodeHours: number;
  /** Of pods that ran. */
  readonly podMinutes: number;
  /** In which a pod got less than both its need and its declared request. */
  readonly starvedMinutes: number;
  readonly pendingMinutes: number;
  /** By the rule. */
  readonly evictions: number;
  /** Pods created anew because the node autoscaler removed their node. */
  readonly moves: number;
  /** Resizes, rations included. */
  readonly writes: number;
}

type Count = Exclude<keyof Outcome, "rule">;

/** Counts from a time on. */
export class Tally {
  readonly #counts: Record<Count, number> = {
    nodeHours: 0,
    podMinutes: 0,
    starvedMinutes: 0,
    pendingMinutes: 0,
    evictions: 0,
    moves: 0,
    writes: 0,
  };
  readonly #fromMs: number;

  constructor(fromMs: number) {
    this.#fromMs = fromMs;
  }

  add(what: Count, amount: number, atMs: number): void {
    if (atMs >= this.#fromMs) this.#counts[what] += amount;
  }

  outcome(rule: string): Outcome {
    return { rule, ...this.#counts };
  }
}
