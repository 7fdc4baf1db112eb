import { objectPath, resources } from "./paths.ts";
import { KubeError, type KubeTransport, type ObjectName } from "./port.ts";

/**
 * Evicts a pod; the UID is a precondition. One that is gone already is no error.
 *
 * @param dryRun asks only whether a budget allows it now
 * @returns false where a budget does not allow it now
 * @throws KubeError
 */
export async function evictPod(
  transport: KubeTransport,
  { namespace, name, uid }: ObjectName & { readonly uid: string },
  dryRun = false,
): Promise<boolean> {
  try {
    await transport.send({
      method: "POST",
      path: objectPath(resources.pod, { namespace, name }, "eviction"),
      body: {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { namespace, name },
        deleteOptions: { preconditions: { uid }, ...(dryRun ? { dryRun: ["All"] } : {}) },
      },
    });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 429) return false;
    if (error instanceof KubeError && error.status === 404) return true;
    throw error;
  }
}
