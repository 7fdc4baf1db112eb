import type { DashboardSummary, DecisionEvent, SummaryEvent } from "@walras/api";
import { applyDelta } from "@walras/api/dashboard/delta";

/** @returns null where the event does not follow: the whole is to be asked for anew */
export function summaryAfter(summary: DashboardSummary | null, event: SummaryEvent): DashboardSummary | null {
  if (event.kind === "whole") return event;
  return summary === null ? null : applyDelta(summary, event);
}

const mostDecisions = 100;

/** The newest decisions, newest first. */
export function decisionsAfter(decisions: readonly DecisionEvent[], decision: DecisionEvent): readonly DecisionEvent[] {
  if (decisions.some(({ id }) => id === decision.id)) return decisions;
  return [decision, ...decisions].slice(0, mostDecisions);
}
