import type { V1PodDisruptionBudget } from "@kubernetes/client-node";
import { KubeError, type KubeTransport, listAll, requestEviction, resources } from "@walras/kube";

import { requirementsOf, selects } from "@walras/kit";
import type { LivePod } from "./live.ts";

/** Which pods may go by the PodDisruptionBudgets, and what is said of the others. */
export interface Allowed {
  readonly pods: readonly LivePod[];
  readonly refusals: readonly string[];
}

/**
 * Asks for each pod whether it could be evicted, without doing it. That does
 * not count the pods that were asked for before, so the budgets' own numbers
 * bound how many go together.
 *
 * @throws KubeError
 */
export async function allowedToGo(
  transport: KubeTransport,
  namespace: string,
  pods: readonly LivePod[],
): Promise<Allowed> {
  const allowed: LivePod[] = [];
  const refusals: string[] = [];
  for (const pod of pods) {
    const refusal = await refusalOf(transport, pod);
    if (refusal === null) allowed.push(pod);
    else refusals.push(`${pod.state.name}: ${refusal}`);
  }
  if (allowed.length < 2) return { pods: allowed, refusals };
  const { items } = await listAll(transport, resources.podDisruptionBudget, { namespace });
  return withinBudgets(allowed, items as readonly V1PodDisruptionBudget[], refusals);
}

/** The budget allows none; or, as the API server has it, an internal error: more than one budget protects it. */
const refusing = new Set([429, 500]);

async function refusalOf(transport: KubeTransport, { state }: LivePod): Promise<string | null> {
  try {
    await requestEviction(transport, state, true);
    return null;
  } catch (error) {
    if (error instanceof KubeError && refusing.has(error.status)) return error.causes[0]?.message ?? error.message;
    throw error;
  }
}

function withinBudgets(
  pods: readonly LivePod[],
  budgets: readonly V1PodDisruptionBudget[],
  before: readonly string[],
): Allowed {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const going: LivePod[] = [];
  const refusals = [...before];
  for (const pod of pods) {
    const own = budgets.filter(({ spec }) => selects(requirementsOf(spec?.selector), pod.labels));
    const used = own.find((budget) => (left.get(budget) ?? 0) < 1);
    if (used) refusals.push(`${pod.state.name}: budget ${used.metadata?.name ?? ""} allows no more at once`);
    else going.push(pod);
    if (!used) for (const budget of own) left.set(budget, (left.get(budget) ?? 0) - 1);
  }
  return { pods: going, refusals };
}
