import type { Budget } from "../config/policy.ts";
import { type Hold, hold, number } from "./hold.ts";
import { weightOf } from "./score.ts";
import type { AppSnapshot } from "./snapshot.ts";

/** What takes from budgets. */
export interface Spender {
  readonly r: number;
  readonly state: Pick<AppSnapshot, "labels" | "clusters">;
}

interface Spent {
  readonly count: number;
  readonly r: number;
}

/** One budget, or one cluster's share of a budget of each cluster. */
interface Account {
  readonly key: string;
  readonly budget: Budget;
}

const nothing: Spent = { count: 0, r: 0 };

/** What budgets have left, beside Rmax and the number in parallel, which all share. */
export class BudgetLedger {
  readonly #budgets: readonly Budget[];
  readonly #spent: Map<string, Spent>;

  constructor(budgets: readonly Budget[], spent: ReadonlyMap<string, Spent> = new Map()) {
    this.#budgets = budgets;
    this.#spent = new Map(spent);
  }

  /** The same, to spend from on trial. */
  copy(): BudgetLedger {
    return new BudgetLedger(this.#budgets, this.#spent);
  }

  /** Why one more does not fit; null: it does. */
  refusal({ r, state }: Spender): Hold | null {
    for (const account of accountsOf(this.#budgets, state)) {
      const why = exceeded(account, this.#spent.get(account.key) ?? nothing, r);
      if (why !== null) return hold("budget_spent", `budget ${account.key}: ${why}`);
    }
    return null;
  }

  take({ r, state }: Spender): void {
    for (const { key } of accountsOf(this.#budgets, state)) {
      const before = this.#spent.get(key) ?? nothing;
      this.#spent.set(key, { count: before.count + 1, r: before.r + r });
    }
  }
}

function accountsOf(budgets: readonly Budget[], { labels = {}, clusters = [] }: Spender["state"]): Account[] {
  return budgets.flatMap((budget) => {
    if (Object.entries(budget.selector).some(([key, value]) => labels[key] !== value)) return [];
    if (budget.cluster === null) return [{ key: budget.name, budget }];
    if (budget.cluster !== "*") return clusters.includes(budget.cluster) ? [{ key: budget.name, budget }] : [];
    return clusters.slice(0, 1).map((cluster) => ({ key: `${budget.name} of ${cluster}`, budget }));
  });
}

function exceeded({ budget: { maxParallel, rmax } }: Account, { count, r: used }: Spent, r: number): string | null {
  if (maxParallel !== null && count + 1 > maxParallel) return `${count} of ${maxParallel} releases are under way`;
  if (rmax === null || weightOf(used + r) <= weightOf(rmax)) return null;
  return `needs ${number(r)}, ${number(Math.max(0, rmax - used))} of ${number(rmax)} is left`;
}
