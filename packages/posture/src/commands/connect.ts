import { systemClock } from "@walras/kit";
import { HttpTransport, type KubeTransport, loadEndpoint, retryReads } from "@walras/kube";

/** Runs `work` with a connection to the cluster that the kubeconfig names. */
export async function withCluster(
  kubeconfig: string | undefined,
  work: (transport: KubeTransport) => Promise<void>,
): Promise<void> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await loadEndpoint(kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "walras-posture", monotonicMs });
  try {
    await work(retryReads(transport, systemClock));
  } finally {
    await transport.close();
  }
}
