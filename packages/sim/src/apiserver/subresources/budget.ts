import { asMap, asText, type KubeObject } from "../objects/model.ts";
import { parseLabelSelector, selectorText } from "../selectors.ts";
import { ApiFailure } from "../status.ts";
import type { Store } from "../store.ts";

const collection = "poddisruptionbudgets.policy";
/** These are nobody's loss. */
const unprotected = new Set(["Pending", "Succeeded", "Failed"]);

/**
 * Takes one disruption of the budget that protects the pod.
 *
 * @throws ApiFailure 429 where it allows none, 500 where two protect it
 */
export function spendBudget(store: Store, pod: KubeObject, dryRun: boolean): void {
  if (unprotected.has(asText(pod.status?.["phase"])) || pod.metadata.deletionTimestamp !== undefined) return;
  const [budget, other] = [...store.all(collection)].filter((one) => protects(one, pod));
  if (other) throw new ApiFailure(500, "InternalError", "This pod has more than one PodDisruptionBudget");
  if (!budget) return;
  const allowed = Number(budget.status?.["disruptionsAllowed"] ?? 0);
  if (allowed < 1)
    throw new ApiFailure(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
  if (!dryRun) store.put(collection, { ...budget, status: { ...budget.status, disruptionsAllowed: allowed - 1 } });
}

function protects({ metadata, spec }: KubeObject, pod: KubeObject): boolean {
  // An empty selector is everything; none is nothing (policy/v1).
  if (metadata.namespace !== pod.metadata.namespace || spec?.["selector"] === undefined) return false;
  return parseLabelSelector(selectorText(asMap(spec?.["selector"])))(pod);
}
