import { systemClock } from "@walras/kit";
import { HttpTransport, type KubeTransport, loadEndpoint } from "@walras/kube";

/** Does something with the API server of a kubeconfig, and hangs up. */
export async function connected<Result>(
  kubeconfig: string | undefined,
  run: (transport: KubeTransport) => Promise<Result>,
): Promise<Result> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await loadEndpoint(kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "walras-cli", monotonicMs });
  try {
    return await run(transport);
  } finally {
    await transport.close();
  }
}
