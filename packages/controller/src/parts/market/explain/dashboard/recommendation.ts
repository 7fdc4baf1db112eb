import { formatCpu } from "@walras/kit";

import type { PodState } from "../../../../base/cluster/pod.ts";
import type { Target } from "../../decide/snapshot.ts";

/**
 * Requests and limits to write into the template of what makes the pod. A
 * container that the market says nothing of is not in it.
 *
 * @returns YAML; null where there is nothing to say
 */
export function recommendationOf({ workload, containers }: PodState, targets: readonly Target[]): string | null {
  const told = containers.flatMap(
    ({ name }) => targets.find(({ container, binding }) => container === name && binding !== "Held") ?? [],
  );
  if (told.length === 0) return null;
  const where = workload === null ? "the pod's spec" : `${workload.kind} ${workload.name}, spec.template.spec`;
  return [`# ${where}`, "containers:", ...told.flatMap(containerLines), ""].join("\n");
}

function containerLines({ container, requestMilli, limitMilli }: Target): string[] {
  const limits = limitMilli === null ? [] : ["      limits:", `        cpu: ${formatCpu(Math.ceil(limitMilli))}`];
  return [
    `  - name: ${container}`,
    "    resources:",
    "      requests:",
    `        cpu: ${formatCpu(Math.ceil(requestMilli))}`,
    ...limits,
  ];
}
