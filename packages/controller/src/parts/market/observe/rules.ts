import type { PodPolicy } from "@walras/api";
import { type Requirement, selects } from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";

/** What the controller's configuration says of some pods. Whatever of it is null says nothing. */
export interface PodRule {
  readonly name: string;
  /** Names of namespaces, in which * stands for any letters; null: all. */
  readonly namespaces: readonly string[] | null;
  /** What their namespace's labels must be; null: anything. */
  readonly namespaceLabels: readonly Requirement[] | null;
  readonly qos: readonly PodState["qos"][] | null;
  /** Of what made them; Pod: nothing did. */
  readonly kinds: readonly string[] | null;
  /** What their own labels must be; null: anything. */
  readonly labels: readonly Requirement[] | null;
  /** What holds for them where their owner says nothing. */
  readonly policy: PodPolicy;
}

type Ruled = Pick<PodState, "namespace" | "qos" | "workload" | "labels">;
type Labels = Readonly<Record<string, string>>;

/**
 * The first rule that is about this pod; null: none is.
 *
 * @param namespaceLabels undefined: they are not known, and no rule that asks for them is about it
 */
export function policyFor(pod: Ruled, namespaceLabels: Labels | undefined, rules: readonly PodRule[]): PodRule | null {
  return rules.find((rule) => isAbout(rule, pod, namespaceLabels)) ?? null;
}

function isAbout(rule: PodRule, pod: Ruled, namespaceLabels: Labels | undefined): boolean {
  return (
    isAny(rule.namespaces, (glob) => isLike(pod.namespace, glob)) &&
    isAny(rule.qos, (one) => one === pod.qos) &&
    isAny(rule.kinds, (kind) => kind === (pod.workload?.kind ?? "Pod")) &&
    isSelected(rule.namespaceLabels, namespaceLabels) &&
    isSelected(rule.labels, pod.labels)
  );
}

function isAny<One>(wanted: readonly One[] | null, isIt: (one: One) => boolean): boolean {
  return wanted === null || wanted.some(isIt);
}

function isSelected(wanted: readonly Requirement[] | null, labels: Labels | undefined): boolean {
  return wanted === null || (labels !== undefined && selects(wanted, labels));
}

/** Each piece between the stars is found where it can be first: later ones only have more room by that. */
export function isLike(text: string, glob: string): boolean {
  const [first = "", ...rest] = glob.split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
