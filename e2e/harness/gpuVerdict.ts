import { execa } from "execa";

import type { Cluster } from "./cluster.ts";

const namespace = "gpu-scheduler-tests";

/** The verdict, as its Service shows it. */
export interface Verdict {
  readonly green: boolean;
  readonly rows: readonly {
    readonly podIndex: number;
    readonly state: string;
    readonly findings: readonly { readonly state: string; readonly message: string }[];
    readonly seen: { readonly node: string | null; readonly gpus: readonly string[]; readonly by: string } | null;
  }[];
}

/** null: there is none now. */
export async function verdictPage(cluster: Cluster): Promise<Verdict | null> {
  const at = "jsonpath={.spec.clusterIP}";
  const args = ["-n", namespace, "get", "service", "gpu-scheduler-check-verdict", "--ignore-not-found", "-o", at];
  const address = await cluster.kubectl(...args);
  if (address === "") return null;
  const asked = fetch(`http://${address}:8080/verdict`, { signal: AbortSignal.timeout(5_000) });
  const response = await asked.catch(() => null);
  return response?.ok === true ? ((await response.json()) as Verdict) : null;
}

/** Judges once by the command that docs/gpu.md tells. */
export async function verdictCommand(cluster: Cluster): Promise<{ readonly code: number; readonly output: string }> {
  const command = ["/usr/bin/node", "/app/gpu-check.mjs", "--collect", "--once", "--map=/map/map.yaml"];
  const { exitCode, stdout } = await execa(
    "kubectl",
    [
      "--kubeconfig",
      cluster.target.kubeconfig,
      "-n",
      namespace,
      "exec",
      "deploy/gpu-scheduler-check-verdict",
      "--",
      ...command,
      `--object=${namespace}/gpu-scheduler-check`,
    ],
    { stdin: "ignore", reject: false },
  );
  return { code: exitCode ?? -1, output: stdout };
}
