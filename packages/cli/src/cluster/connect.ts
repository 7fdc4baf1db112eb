import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { systemClock } from "@walras/kit";
import { HttpTransport, type KubeEndpoint, type KubeTransport, loadEndpoint } from "@walras/kube";

import { ClusterError, clusterErrorOf } from "./failure.ts";

/**
 * Does something with the API server of a kubeconfig, and hangs up.
 *
 * @throws ClusterError where it cannot be asked, with what to do about it
 */
export async function connected<Result>(
  kubeconfig: string | undefined,
  run: (transport: KubeTransport) => Promise<Result>,
): Promise<Result> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await endpointOf(kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "walras-cli", monotonicMs });
  try {
    return await run(transport);
  } catch (error) {
    throw clusterErrorOf(error, endpoint.server);
  } finally {
    await transport.close();
  }
}

async function endpointOf(kubeconfig: string | undefined, monotonicMs: () => number): Promise<KubeEndpoint> {
  if (kubeconfig === undefined && !hasDefault(process.env))
    throw new ClusterError("there is no kubeconfig: give --kubeconfig FILE, set KUBECONFIG, or write ~/.kube/config");
  try {
    return await loadEndpoint(kubeconfig, monotonicMs);
  } catch (error) {
    // It names the file, and says what its cause says.
    throw new ClusterError(error instanceof Error ? error.message : String(error));
  }
}

/** What `loadEndpoint` would find. The library behind it would ask a server on this machine where there is nothing. */
function hasDefault({ KUBECONFIG: named, KUBERNETES_SERVICE_HOST: inPod }: NodeJS.ProcessEnv): boolean {
  return Boolean(named) || Boolean(inPod) || existsSync(join(homedir(), ".kube", "config"));
}
