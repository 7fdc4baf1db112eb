import { objectPath, resources } from "./paths.ts";
import { KubeError, type KubeTransport, type ObjectName } from "./port.ts";

interface Evicted extends ObjectName {
  readonly uid: string;
}

/**
 * Asks for the eviction of a pod; the UID is a precondition.
 *
 * @param dryRun asks only whether a budget allows it now
 * @throws KubeError 429 where a budget does not allow it now, 500 where several protect the pod
 */
export async function requestEviction(
  transport: KubeTransport,
  { namespace, name, uid }: Evicted,
  dryRun: boolean,
): Promise<void> {
  await transport.send({
    method: "POST",
    path: objectPath(resources.pod, { namespace, name }, "eviction"),
    ...(dryRun ? { query: { dryRun: "All" } } : {}),
    body: {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { namespace, name },
      deleteOptions: { preconditions: { uid }, ...(dryRun ? { dryRun: ["All"] } : {}) },
    },
  });
}

/**
 * Evicts a pod; the UID is a precondition. One that is gone already is no error.
 *
 * @param dryRun asks only whether a budget allows it now
 * @returns false where a budget does not allow it now
 * @throws KubeError
 */
export async function evictPod(transport: KubeTransport, pod: Evicted, dryRun = false): Promise<boolean> {
  try {
    await requestEviction(transport, pod, dryRun);
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 429) return false;
    if (error instanceof KubeError && error.status === 404) return true;
    throw error;
  }
}
