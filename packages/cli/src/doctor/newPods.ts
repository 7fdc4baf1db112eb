import { creationPolicyName, creationProfileResource } from "@walras/api";
import { collectionPath, KubeError, type KubeTransport } from "@walras/kube";

import type { Answer, Check } from "./check.ts";
import { unlessForbidden } from "./lists.ts";
import { isServed } from "./neighbours.ts";

/** Whether new pods are sized, and whether somebody moves pods so that it matters. */
export function newPodsCheck(transport: KubeTransport): Check {
  const look = (): Promise<Answer> => newPods(transport);
  return { name: "sizing of new pods", run: () => unlessForbidden("admission policies", look) };
}

const advice =
  "pods that it moves come back as declared, find no room and bring nodes: kustomize edit add component parts/sizing, from Kubernetes 1.36";

async function newPods(transport: KubeTransport): Promise<Answer> {
  const mover = await moverOf(transport);
  const beside = mover === null ? "" : `, beside ${mover}`;
  if (!(await isThere(transport, `${admission}/mutatingadmissionpolicybindings/${creationPolicyName}`)))
    return mover === null
      ? { verdict: "ok", detail: "not installed, and nothing is seen that moves pods" }
      : { verdict: "warn", detail: `not installed${beside}: ${advice}` };
  if (await isThere(transport, collectionPath(creationProfileResource)))
    return { verdict: "ok", detail: `installed${beside}` };
  return {
    verdict: "warn",
    detail: "the policy is there without its kind, and sizes nobody: kubectl apply -k deploy/sizing",
  };
}

const admission = "/apis/admissionregistration.k8s.io/v1";

/** Who packs nodes anew, by what it leaves where everybody may look. */
async function moverOf(transport: KubeTransport): Promise<string | null> {
  if (await isServed(transport, "karpenter.sh", "nodepools")) return "Karpenter";
  const status = "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status";
  return (await isThere(transport, status)) ? "the cluster autoscaler" : null;
}

async function isThere(transport: KubeTransport, path: string): Promise<boolean> {
  try {
    await transport.send({ method: "GET", path });
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}
