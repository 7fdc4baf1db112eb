import type { V1Node } from "@kubernetes/client-node";

import type { SchedNode } from "../../decide/schedule/node.ts";
import { gpuLabels } from "./names.ts";
import { readAll } from "./requests.ts";

/** A Node trimmed. @throws FieldError when a quantity cannot be read */
export function toSchedNode(raw: unknown): SchedNode {
  const { metadata, spec, status } = raw as V1Node;
  const labels = metadata?.labels ?? {};
  const name = metadata?.name ?? "";
  return {
    uid: metadata?.uid ?? "",
    namespace: "",
    name,
    logicalName: labels[gpuLabels.logicalName] ?? "",
    labels,
    taints: (spec?.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect })),
    unschedulable: spec?.unschedulable === true,
    ready: (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    allocatable: readAll(status?.allocatable ?? {}, `node ${name}.allocatable`),
    model: labels[gpuLabels.model] ?? labels[gpuLabels.product] ?? "",
    // Slices tell of it.
    published: [],
  };
}
