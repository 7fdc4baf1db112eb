import { KubeError, type Resource } from "@walras/kube";

/** The cluster could not be asked. Its message says why, and what to do. */
export class ClusterError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ClusterError";
  }
}

/** What an API call's failure means for whoever has typed a command; others are as they were. */
export function clusterErrorOf(error: unknown, server: string): unknown {
  if (!(error instanceof KubeError)) return error;
  if (error.status === 0) return new ClusterError(`the API server ${server} does not answer`, { cause: error });
  if (error.status === 401)
    return new ClusterError(`the API server ${server} does not accept these credentials`, { cause: error });
  if (error.status === 403)
    return new ClusterError("these credentials do not have the right; ask for it, or use others", { cause: error });
  return error;
}

/** A kind that this cluster does not serve. */
export function notInstalled({ kind, apiVersion }: Resource): ClusterError {
  return new ClusterError(`${kind} (${apiVersion}) is not installed in this cluster${remedies[kind] ?? ""}`);
}

const ours = ": kubectl apply -k deploy/crds";

const remedies: Readonly<Record<string, string>> = {
  PodAllocation: ours,
  WorkloadProfile: ours,
  GpuSchedulingMap: ours,
  Intent: ours,
  Application: ": it is Argo CD's",
  ScaledJob: ": it is KEDA's",
};
