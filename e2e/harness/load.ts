import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { managedLabel } from "@walras/api";
import { resources } from "@walras/kube";

import type { Cluster, PodView } from "./cluster.ts";
import { eventually } from "./wait.ts";

/** A pod that burns CPU. */
export interface LoadPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Cores it would use if nothing held it back. */
  readonly cores: number;
  readonly request?: string;
  readonly limit?: string;
  readonly memory?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Starts the pod and waits until it runs. */
export async function startLoad(cluster: Cluster, load: LoadPod): Promise<PodView> {
  await cluster.create(resources.pod, load.namespace, manifest(cluster, load));
  return running(cluster, load.namespace, load.name);
}

/** Starts the pod outside the market, and lets it in once it runs: it begins with its own limits, not with the node's CPU. */
export async function joinLoad(cluster: Cluster, load: LoadPod): Promise<PodView> {
  await startLoad(cluster, { ...load, labels: { ...load.labels, [managedLabel]: "false" } });
  await cluster.kubectl("-n", load.namespace, "label", "pod", load.name, `${managedLabel}=true`, "--overwrite");
  return cluster.pod(load.namespace, load.name);
}

/** Starts one pod of a Deployment, and waits until it runs. */
export async function loadDeployment(cluster: Cluster, load: LoadPod): Promise<void> {
  const { metadata, ...rest } = manifest(cluster, load);
  const labels = { ...metadata.labels, app: load.name };
  await cluster.create(deployments, load.namespace, {
    metadata: { name: load.name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: load.name } },
      template: { ...rest, metadata: { ...metadata, labels } },
    },
  });
  await cluster.kubectl("-n", load.namespace, "rollout", "status", `deployment/${load.name}`, "--timeout=60s");
}

const deployments = { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true } as const;

/** Waits until all containers run and their node tells what it enforces. */
function running(cluster: Cluster, namespace: string, name: string): Promise<PodView> {
  return eventually(
    `pod ${namespace}/${name}`,
    () => cluster.pod(namespace, name),
    ({ status }) =>
      (status?.containerStatuses ?? []).some(
        ({ state, resources: enforced }) => state?.running && enforced !== undefined,
      ),
    60_000,
  );
}

/** Changes what a running load wants. */
export async function setCores(cluster: Cluster, pod: PodView, cores: number): Promise<void> {
  const folder = cluster.emptyDir(pod.spec.nodeName ?? "", pod.metadata.uid, "control");
  if (folder === null) throw new Error(`the volume of pod ${pod.metadata.name} cannot be reached from here`);
  await writeFile(join(folder, "cores"), String(cores));
}

/** A pod as it is created, or as a template. */
interface PodBody extends Record<string, unknown> {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

function manifest(cluster: Cluster, load: LoadPod): PodBody {
  const memory = load.memory === undefined ? {} : { memory: load.memory };
  const requests = { ...(load.request === undefined ? {} : { cpu: load.request }), ...memory };
  const limits = { ...(load.limit === undefined ? {} : { cpu: load.limit }), ...memory };
  return {
    metadata: {
      name: load.name,
      labels: { [managedLabel]: "true", ...load.labels },
      annotations: load.annotations ?? {},
    },
    spec: {
      nodeName: load.node,
      terminationGracePeriodSeconds: 0,
      restartPolicy: "Always",
      containers: [
        {
          name: "app",
          image: cluster.target.loadImage,
          imagePullPolicy: "IfNotPresent",
          args: [String(load.cores)],
          resources: {
            ...(Object.keys(requests).length > 0 ? { requests } : {}),
            ...(Object.keys(limits).length > 0 ? { limits } : {}),
          },
          volumeMounts: [{ name: "control", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "control", emptyDir: {} }],
    },
  };
}
