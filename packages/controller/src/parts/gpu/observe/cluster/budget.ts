import type { V1PodDisruptionBudget } from "@kubernetes/client-node";

import type { Budget } from "../../decide/preempt/budget.ts";

/** A PodDisruptionBudget trimmed. One that no controller has counted yet allows nothing, as the API server sees it. */
export function toBudget(raw: unknown): Budget {
  const { metadata, spec, status } = raw as V1PodDisruptionBudget;
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  const equal = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In", values: [value] }));
  const others = matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values }));
  return {
    uid: metadata?.uid ?? "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    selector: spec?.selector ? [...equal, ...others] : null,
    allowed: isCounted(metadata?.generation, status?.observedGeneration) ? (status?.disruptionsAllowed ?? 0) : 0,
  };
}

function isCounted(generation = 0, observed = generation): boolean {
  return observed >= generation;
}
