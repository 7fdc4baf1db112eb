import { meets } from "@walras/kit";
import type { Constraints, Taint, Term, Toleration } from "./terms.ts";
import type { SchedNode } from "./node.ts";

/** spec.unschedulable stands for this taint, whether it is there or not. */
const cordon: Taint = { key: "node.kubernetes.io/unschedulable", value: "", effect: "NoSchedule" };

/** Why the pod may not run on this node, whatever room there is, in kube-scheduler's words; null: it may. */
export function barOf({ tolerations, nodeSelector, terms }: Constraints, node: SchedNode): string | null {
  if (!node.ready) return "node(s) were not ready";
  const tolerated = (taint: Taint): boolean => tolerations.some((toleration) => tolerates(toleration, taint));
  if (node.unschedulable && !tolerated(cordon)) return "node(s) were unschedulable";
  const taint = node.taints.find((one) => one.effect !== "PreferNoSchedule" && !tolerated(one));
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value}}`;
  const selected = Object.entries(nodeSelector).every(([key, value]) => node.labels[key] === value);
  if (!selected || !matchesAny(terms, node)) return "node(s) didn't match Pod's node affinity/selector";
  return null;
}

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== "" && toleration.effect !== taint.effect) return false;
  if (toleration.operator === "Exists") return toleration.key === "" || toleration.key === taint.key;
  return toleration.operator === "Equal" && toleration.key === taint.key && toleration.value === taint.value;
}

/** A term without requirements matches nothing. */
export function matchesAny(
  terms: readonly Term[] | null,
  { name, labels }: Pick<SchedNode, "name" | "labels">,
): boolean {
  if (terms === null) return true;
  const fields = { "metadata.name": name };
  return terms.some(
    (term) =>
      term.labels.length + term.fields.length > 0 &&
      term.labels.every((one) => meets(one, labels)) &&
      term.fields.every((one) => meets(one, fields)),
  );
}
