import type { DashboardIntent, DashboardIntents } from "@walras/api";

import type { IntentsView, IntentView } from "./view.ts";

/** The last round for the dashboard. */
export function intentsOf({ at, intents, invalid }: IntentsView): DashboardIntents {
  return {
    atMs: at === null ? null : Date.parse(at),
    intents: intents.map(intentOf),
    invalid: invalid.map((one) => ({ ...one })),
  };
}

/** Intents that want something else of a workload than the one that goes first. */
export function intentConflicts({ intents }: IntentsView): number {
  return intents.filter(({ verdict }) => verdict === "Conflict").length;
}

function intentOf(intent: IntentView): DashboardIntent {
  const { name, target, active, verdict, reason, objectives, plan, cost, rejected, execution } = intent;
  return {
    name,
    target,
    active,
    verdict,
    reason,
    objectives: objectives.map(({ profile, target: wanted, value, expected, met }) => ({
      profile,
      target: wanted,
      value,
      expected,
      met,
    })),
    plan: plan.map(actionOf),
    cost,
    rejected: rejected.map((one) => ({ ...actionOf(one), reason: one.reason })),
    execution: execution && { verdict: execution.verdict, message: execution.message },
  };
}

function actionOf({ name, properties }: IntentView["plan"][number]): DashboardIntent["plan"][number] {
  return { name, properties: { ...properties } };
}
