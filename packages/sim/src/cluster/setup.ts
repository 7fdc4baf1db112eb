import { podAllocationCrd, workloadProfileCrd } from "@walras/api";
import { collectionPath, KubeError, type KubeTransport, objectPath, resources } from "@walras/kube";

import { nodeObject } from "../node/nodeObject.ts";
import { podsOf, type PodToCreate, type Scenario } from "../scenario/index.ts";
import type { SimNode } from "./simNode.ts";

/** What the agents' tokens say; the defaults of the controller's flags. */
export const agentIdentity = {
  namespace: "walras-system",
  username: "system:serviceaccount:walras-system:walras-agent",
  audience: "walras-controller",
} as const;

/** Puts namespaces, definitions and nodes at the API server, as an administrator and kubelets would. */
export async function prepare(
  transport: KubeTransport,
  scenario: Scenario,
  nodes: readonly SimNode[],
  time: string,
): Promise<void> {
  for (const [name, labels] of namespacesOf(scenario)) await ensureNamespace(transport, name, labels);
  for (const crd of [podAllocationCrd(), workloadProfileCrd()])
    await post(transport, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd);
  for (const { facts } of nodes) await post(transport, collectionPath(resources.node), nodeObject(facts, time));
}

/** Creates the scenario's pods. */
export async function createPods(transport: KubeTransport, scenario: Scenario): Promise<void> {
  for (const group of scenario.pods) for (const pod of podsOf(group)) await createPod(transport, pod);
}

export async function createPod(transport: KubeTransport, { namespace, body }: PodToCreate): Promise<void> {
  await post(transport, collectionPath(resources.pod, namespace), body);
}

function namespacesOf({ pods, namespaces }: Scenario): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const used = [agentIdentity.namespace, ...pods.map(({ namespace }) => namespace)];
  return new Map([...used.map((name) => [name, {}] as const), ...Object.entries(namespaces)]);
}

async function ensureNamespace(
  transport: KubeTransport,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  try {
    await post(transport, collectionPath(resources.namespace), body);
  } catch (error) {
    if (!(error instanceof KubeError) || error.reason !== "AlreadyExists") throw error;
    const path = objectPath(resources.namespace, { namespace: "", name });
    const patch = { metadata: { labels } };
    await transport.send({ method: "PATCH", path, body: patch, contentType: "application/merge-patch+json" });
  }
}

function post(transport: KubeTransport, path: string, body: unknown): Promise<unknown> {
  return transport.send({ method: "POST", path, body });
}
