import type { V1PodDisruptionBudget } from "@kubernetes/client-node";

import { requirementsOf } from "@walras/kit";
import type { Budget } from "../../decide/preempt/budget.ts";

/** A PodDisruptionBudget trimmed. One that no controller has counted yet allows nothing, as the API server sees it. */
export function toBudget(raw: unknown): Budget {
  const { metadata, spec, status } = raw as V1PodDisruptionBudget;
  return {
    uid: metadata?.uid ?? "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    selector: requirementsOf(spec?.selector),
    allowed: isCounted(metadata?.generation, status?.observedGeneration) ? (status?.disruptionsAllowed ?? 0) : 0,
  };
}

function isCounted(generation = 0, observed = generation): boolean {
  return observed >= generation;
}
