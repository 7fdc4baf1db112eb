import type { V1NodeSelectorRequirement, V1Pod, V1PodSpec } from "@kubernetes/client-node";

import type { Requirement } from "@walras/kit";
import type { Constraints, Term, Toleration } from "../../decide/schedule/terms.ts";

/** Where a pod may run. */
export function constraintsOf({ spec }: V1Pod): Constraints {
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return {
    tolerations: (spec?.tolerations ?? []).map(tolerationOf),
    nodeSelector: spec?.nodeSelector ?? {},
    terms: required ? required.nodeSelectorTerms.map(termOf) : null,
    unsupported: unsupportedOf(spec),
  };
}

export function tolerationOf(raw: Partial<Toleration>): Toleration {
  const { key = "", operator = "Equal", value = "", effect = "" } = raw;
  return { key, operator, value, effect };
}

export function termOf(term: {
  readonly matchExpressions?: V1NodeSelectorRequirement[];
  readonly matchFields?: V1NodeSelectorRequirement[];
}): Term {
  return { labels: requirementsOf(term.matchExpressions), fields: requirementsOf(term.matchFields) };
}

function requirementsOf(list: readonly V1NodeSelectorRequirement[] = []): Requirement[] {
  return list.map(({ key, operator, values = [] }) => ({ key, operator, values }));
}

/** A pod that asks for one of these would be placed wrongly: it waits, and is told why. */
function unsupportedOf(spec: V1PodSpec | undefined): string[] {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const asked: readonly (readonly [string, boolean])[] = [
    ["required pod affinity", has(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution)],
    ["required pod anti-affinity", has(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution)],
    [
      "a topology spread that is not to be broken",
      (spec?.topologySpreadConstraints ?? []).some(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule"),
    ],
    ["a persistent volume", (spec?.volumes ?? []).some((one) => one.persistentVolumeClaim ?? one.ephemeral)],
    ["a host port", (spec?.containers ?? []).some(({ ports = [] }) => ports.some(({ hostPort }) => hostPort))],
  ];
  return asked.flatMap(([name, is]) => (is ? [name] : []));
}

function has(list: readonly unknown[] | undefined): boolean {
  return (list ?? []).length > 0;
}
