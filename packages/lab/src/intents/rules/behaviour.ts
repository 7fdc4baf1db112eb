/** Of autoscaling/v2: everything but the window for scaling down is its default. */
export interface BehaviourOptions {
  readonly least: number;
  readonly most: number;
  /** `scaleDown.stabilizationWindowSeconds`, 300 by default; that of scaleUp is 0. */
  readonly downWindowMs: number;
}

/** Defaults of scaleUp: the greater of 4 pods and 100 % each 15 s. Of scaleDown: 100 % each 15 s. */
const periodMs = 15_000;
const upPods = 4;
const upPercent = 100;

/**
 * What the horizontal autoscaler makes of what it wants:
 * normalizeDesiredReplicasWithBehaviors of
 * kubernetes/pkg/controller/podautoscaler/horizontal.go.
 */
export class Behaviour {
  readonly #options: BehaviourOptions;
  #recommended: readonly { readonly atMs: number; readonly replicas: number }[] = [];
  #added: readonly { readonly atMs: number; readonly replicas: number }[] = [];

  constructor(options: BehaviourOptions) {
    this.#options = options;
  }

  /** @returns the replicas to set */
  normalised(wanted: number, replicas: number, nowMs: number): number {
    const { least, most } = this.#options;
    const stabilised = this.#stabilised(wanted, replicas, nowMs);
    const limited = Math.max(least, Math.min(most, this.#limited(stabilised, replicas, nowMs)));
    if (limited > replicas) this.#added = [...this.#added, { atMs: nowMs, replicas: limited - replicas }];
    return limited;
  }

  /** Down to no less than the most that was wanted within the window. */
  #stabilised(wanted: number, replicas: number, nowMs: number): number {
    const fromMs = nowMs - this.#options.downWindowMs;
    this.#recommended = [...this.#recommended.filter(({ atMs }) => atMs > fromMs), { atMs: nowMs, replicas: wanted }];
    const most = Math.max(...this.#recommended.map((one) => one.replicas));
    return wanted >= replicas ? wanted : Math.min(replicas, most);
  }

  #limited(wanted: number, replicas: number, nowMs: number): number {
    if (wanted <= replicas) return wanted;
    this.#added = this.#added.filter(({ atMs }) => atMs > nowMs - periodMs);
    const before = replicas - this.#added.reduce((sum, one) => sum + one.replicas, 0);
    const most = Math.max(before + upPods, Math.ceil(before * (1 + upPercent / 100)));
    return Math.min(wanted, Math.max(replicas, most));
  }
}
