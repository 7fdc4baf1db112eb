import type { Constraints, Requirement, Taint, Term, Toleration } from "./terms.ts";
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

/** Whether labels are as one requirement of a selector wants them. */
export function meets({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compared(value, values[0]) > 0;
    case "Lt":
      return compared(value, values[0]) < 0;
    default:
      return false;
  }
}

/** NaN, and so neither, where one of them is no whole number. */
function compared(value: string | undefined, other: string | undefined): number {
  const isInteger = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text);
  return isInteger(value) && isInteger(other) ? Number(value) - Number(other) : NaN;
}
