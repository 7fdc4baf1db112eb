import { type Requirement, selects } from "@walras/kit";
import type { SchedPod } from "../schedule/pod.ts";

/** A PodDisruptionBudget. */
export interface Budget {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the labels of its pods; null: it has none. */
  readonly selector: readonly Requirement[] | null;
  /** How many of its pods may leave now. */
  readonly allowed: number;
}

/** How many pods of each budget may still be evicted. */
export class Allowance {
  readonly #budgets: ReadonlyMap<string, readonly Budget[]>;
  readonly #left: Map<Budget, number>;

  constructor(budgets: readonly Budget[]) {
    this.#budgets = Map.groupBy(budgets, ({ namespace }) => namespace);
    this.#left = new Map(budgets.map((budget) => [budget, budget.allowed]));
  }

  /** The first of these that may all be evicted together. The API server evicts no pod that two budgets protect. */
  within(pods: readonly SchedPod[]): Set<SchedPod> {
    const left = new Map(this.#left);
    return new Set(
      pods.filter((pod) => {
        const [budget, other] = this.#of(pod);
        if (!budget || other) return !other;
        const its = left.get(budget) ?? 0;
        left.set(budget, its - 1);
        return its > 0;
      }),
    );
  }

  spend(pods: Iterable<SchedPod>): void {
    this.#count(pods, -1);
  }

  giveBack(pods: Iterable<SchedPod>): void {
    this.#count(pods, 1);
  }

  #count(pods: Iterable<SchedPod>, sign: 1 | -1): void {
    for (const pod of pods)
      for (const budget of this.#of(pod)) this.#left.set(budget, (this.#left.get(budget) ?? 0) + sign);
  }

  #of({ namespace, labels }: SchedPod): readonly Budget[] {
    const all = this.#budgets.get(namespace) ?? [];
    return all.filter(({ selector }) => selects(selector, labels));
  }
}
