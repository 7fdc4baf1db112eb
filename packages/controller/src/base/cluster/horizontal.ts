import type { V2HorizontalPodAutoscaler, V2MetricSpec } from "@kubernetes/client-node";
import type { Resource, StoreItem } from "@walras/kube";

import type { Projection } from "./cluster.ts";
import { type Workload, workloadKey } from "./workload.ts";

/** A HorizontalPodAutoscaler that divides use by CPU requests. */
export interface HorizontalState extends StoreItem {
  readonly target: Workload;
  /** Whose request it divides by; null: that of every container of the pod. */
  readonly containers: readonly string[] | null;
}

const horizontalResource: Resource = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  namespaced: true,
};

/** What the API server makes of an autoscaler without metrics (SetDefaults_HorizontalPodAutoscaler). */
const defaultMetrics: readonly V2MetricSpec[] = [
  { type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } },
];

/** Utilisation is use over request; an average value does not look at requests. undefined: it divides by none. */
export function toHorizontalState(raw: unknown): HorizontalState | undefined {
  const { metadata, spec } = raw as V2HorizontalPodAutoscaler;
  const metrics = spec?.metrics?.length ? spec.metrics : defaultMetrics;
  const wholePod = metrics.some(({ type, resource }) => type === "Resource" && dividesCpu(resource));
  const containers = metrics.flatMap(({ type, containerResource: one }) =>
    type === "ContainerResource" && one && dividesCpu(one) ? [one.container] : [],
  );
  const { kind, name } = spec?.scaleTargetRef ?? {};
  if (!kind || !name || (!wholePod && containers.length === 0)) return undefined;
  return {
    uid: metadata?.uid ?? "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    target: { kind, name },
    containers: wholePod ? null : containers,
  };
}

function dividesCpu(
  source: { readonly name: string; readonly target: { readonly type: string } } | undefined,
): boolean {
  return source?.name === "cpu" && source.target.type === "Utilization";
}

/** By their target: see workloadKey. KEDA makes one of these for its cpu trigger. */
export const horizontalProjection: Projection<HorizontalState> = {
  resource: horizontalResource,
  transform: toHorizontalState,
  groupOf: ({ namespace, target }) => workloadKey(namespace, target),
};
