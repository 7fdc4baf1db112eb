import { systemClock } from "../../packages/kit/src/index.ts";
import {
  getObject,
  HttpTransport,
  type KubeTransport,
  listItems,
  loadEndpoint,
  resources,
} from "../../packages/kube/src/index.ts";
import { type ArgoCluster, clusterOf } from "./clusters.ts";
import { compact, type Definition } from "./compact.ts";
import { complainOf } from "./finding.ts";
import type { Labels, Map } from "./model.ts";
import type { Schemas } from "./schema.ts";

/** What a cluster with Argo CD tells. */
export interface Live {
  readonly schemas: Schemas;
  readonly clusters: readonly ArgoCluster[];
  readonly nodes: ReadonlySet<string>;
}

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
} as const;
const secret = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true } as const;
const names = ["applications", "applicationsets", "appprojects"].map((plural) => `${plural}.argoproj.io`);
const nodeLabel = "gpu-node-name";

/** @throws KubeError where one of Argo CD's kinds is not there, or may not be read */
export async function askCluster(kubeconfig: string, namespace: string): Promise<Live> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await loadEndpoint(kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "argocd-validate", monotonicMs, connections: 1 });
  try {
    return await ask(transport, namespace);
  } finally {
    await transport.close();
  }
}

/** @param namespace where Argo CD is */
export async function ask(transport: KubeTransport, namespace: string): Promise<Live> {
  const definitions: Definition[] = [];
  for (const name of names)
    definitions.push((await getObject(transport, definition, { name, namespace: "" })) as Definition);
  return {
    schemas: compact(definitions, "the cluster"),
    clusters: await clustersOf(transport, namespace),
    nodes: await nodesOf(transport),
  };
}

async function clustersOf(transport: KubeTransport, namespace: string): Promise<readonly ArgoCluster[]> {
  const found: ArgoCluster[] = [];
  const labelSelector = "argocd.argoproj.io/secret-type=cluster";
  for await (const item of listItems<Map>(transport, secret, { namespace, labelSelector })) {
    const cluster = clusterOf({ object: { kind: "Secret", ...item }, complain: complainOf("the cluster") });
    if ("server" in cluster) found.push(cluster);
  }
  return found;
}

async function nodesOf(transport: KubeTransport): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  type Node = { readonly metadata: { readonly name: string; readonly labels?: Labels } };
  for await (const { metadata } of listItems<Node>(transport, resources.node)) {
    found.add(metadata.name);
    const logical = metadata.labels?.[nodeLabel];
    if (logical !== undefined) found.add(logical);
  }
  return found;
}
