import { systemClock } from "@walras/kit";
import { HttpTransport, type KubeTransport, loadEndpoint } from "@walras/kube";

import { accessChecks } from "./access.ts";
import { admissionChecks } from "./admission.ts";
import { type Check, type Finding, runChecks } from "./check.ts";
import { clusterChecks } from "./cluster.ts";
import { kubeletCheck } from "./kubelets.ts";
import { machineChecks } from "./machine.ts";
import { neighbourChecks } from "./neighbours.ts";
import { newPodsCheck } from "./newPods.ts";
import { type PartName, rightsOf } from "./rights.ts";

/** What would run on a cluster. */
export interface Installation {
  readonly parts: readonly PartName[];
  readonly batchEvict?: boolean;
  /** Where the Lease is. */
  readonly namespace: string;
}

/** What is to be checked; without a cluster only the machine. */
export interface Patient extends Installation {
  readonly kubeconfig?: string;
  /** The cluster of the pod that this runs in. What the pod sees of its node says nothing of what an agent sees. */
  readonly inCluster?: boolean;
  readonly cgroupRoot: string;
  readonly procRoot: string;
}

/** Every check, in order. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const { kubeconfig, inCluster = false, cgroupRoot, procRoot } = patient;
  if (inCluster) return examineWith(undefined, patient);
  const machine = await runChecks(machineChecks(cgroupRoot, procRoot));
  return kubeconfig === undefined ? machine : [...machine, ...(await examineWith(kubeconfig, patient))];
}

/** @param kubeconfig undefined: the pod's own account */
async function examineWith(kubeconfig: string | undefined, installation: Installation): Promise<Finding[]> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const transport = new HttpTransport({
    endpoint: await loadEndpoint(kubeconfig, monotonicMs),
    userAgent: "walras-doctor",
    monotonicMs,
  });
  try {
    return await examineCluster(transport, installation);
  } finally {
    await transport.close();
  }
}

/** What these credentials find on a cluster. */
export function examineCluster(transport: KubeTransport, installation: Installation): Promise<Finding[]> {
  const { parts, batchEvict = false, namespace } = installation;
  const rights = accessChecks(transport, rightsOf(parts, batchEvict), namespace);
  return runChecks([...(parts.includes("market") ? marketChecks(transport) : []), ...rights]);
}

function marketChecks(transport: KubeTransport): readonly Check[] {
  return [
    ...clusterChecks(transport),
    kubeletCheck(transport),
    ...neighbourChecks(transport),
    newPodsCheck(transport),
    ...admissionChecks(transport),
  ];
}
