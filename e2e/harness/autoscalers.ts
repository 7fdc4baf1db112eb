/** The kind that scales by CPU. */
export const autoscalers = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  namespaced: true,
} as const;

/** How far it scales, and by which share of what its pods request. */
export interface Scaling {
  readonly least: number;
  readonly most: number;
  readonly percent: number;
  readonly behavior?: object;
}

/** An autoscaler of the Deployment of its name. */
export function autoscalerOf(
  name: string,
  { least, most, percent, behavior }: Scaling,
): { readonly metadata: { readonly name: string }; readonly spec: object } {
  const target = { type: "Utilization", averageUtilization: percent };
  return {
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: least,
      maxReplicas: most,
      metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
      ...(behavior && { behavior }),
    },
  };
}
