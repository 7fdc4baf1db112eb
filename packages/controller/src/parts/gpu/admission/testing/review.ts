/** A question about a pod of the scheduler, as the API server puts it. */
export function reviewOf(
  pod: { readonly metadata?: object; readonly spec?: object } = {},
  request: object = {},
): object {
  const object = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", annotations: { "gpu.walras.io/milli": "500" }, ...pod.metadata },
    spec: { schedulerName: "gpu-scheduler", containers: [{ name: "main", image: "app:1" }], ...pod.spec },
  };
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: "u-1",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      operation: "CREATE",
      namespace: "shop",
      dryRun: false,
      object,
      ...request,
    },
  };
}
