import { systemClock } from "@walras/kit";
import { HttpTransport, loadEndpoint } from "@walras/kube";

import { type Finding, runChecks } from "./check.ts";
import { clusterChecks } from "./cluster.ts";
import { machineChecks } from "./machine.ts";

/** What is to be checked; without a kubeconfig only the machine. */
export interface Patient {
  readonly kubeconfig?: string;
  readonly cgroupRoot: string;
  readonly procRoot: string;
}

/** Every check, in order. */
export async function examine({ kubeconfig, cgroupRoot, procRoot }: Patient): Promise<Finding[]> {
  const machine = await runChecks(machineChecks(cgroupRoot, procRoot));
  if (kubeconfig === undefined) return machine;
  const monotonicMs = (): number => systemClock.monotonicMs();
  const transport = new HttpTransport({
    endpoint: await loadEndpoint(kubeconfig, monotonicMs),
    userAgent: "walras-doctor",
    monotonicMs,
  });
  try {
    return [...machine, ...(await runChecks(clusterChecks(transport)))];
  } finally {
    await transport.close();
  }
}
