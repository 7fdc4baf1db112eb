import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CreationProfileSpec } from "@walras/api";
import type { Cluster } from "./cluster.ts";
import { givenCluster } from "./given.ts";
import { requestsOf, Sizing } from "./sizing.ts";

/** A namespace in which new pods are sized, without any program of ours. */
export interface NewPodsBed {
  readonly cluster: Cluster;
  readonly sizing: Sizing;
  readonly namespace: string;
  /** The requests that a new pod would have. */
  requests(pod: object, namespace?: string): Promise<string>;
  close(): Promise<void>;
}

/** The policies alone: neither the kind that they read nor a profile is there. */
export async function openNewPods(name: string): Promise<NewPodsBed> {
  const cluster = await givenCluster();
  const folder = mkdtempSync(join(tmpdir(), "walras-sizing-"));
  const sizing = new Sizing(cluster, folder);
  const namespace = `newpods-${name}-${process.pid}`;
  await sizing.remove();
  await cluster.createNamespace(namespace, sizing.label);
  await sizing.installPolicies();
  return {
    cluster,
    sizing,
    namespace,
    requests: async (pod, of = namespace) => requestsOf(await sizing.admit(of, pod)),
    close: async () => {
      await sizing.remove();
      await cluster.deleteNamespace(namespace);
      await cluster.transport.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a pod of an owner is called. */
export function ownedBy(kind: string, name: string, hash?: object): object {
  return {
    generateName: `${name}-`,
    labels: { "mbcas.io/managed": "true", ...hash },
    ownerReferences: [{ apiVersion: "any/v1", kind, name, uid: "uid", controller: true }],
  };
}

/** A pod of the Deployment "cart". */
export const ofCart = ownedBy("ReplicaSet", "cart-7d9f", { "pod-template-hash": "7d9f" });

export function cpu(request?: string, limit?: string): object {
  return {
    ...(request === undefined ? {} : { requests: { cpu: request } }),
    ...(limit === undefined ? {} : { limits: { cpu: limit } }),
  };
}

export function container(name: string, resources: object, more: object = {}): object {
  return { name, image: "none", resources, ...more };
}

/** Declares 400m/800m. */
export const app = container("app", cpu("400m", "800m"));

export function podOf(metadata: object = ofCart, containers: readonly object[] = [app], more: object = {}): object {
  return { metadata, spec: { containers, ...more } };
}

export const asleep = { habitMilli: 120, trustPercent: 100, leastMilli: 0 };

const known = [
  "Deployment/cart",
  "Rollout/cart",
  "ReplicaSet/cart-7d9f",
  "StatefulSet/db",
  "DaemonSet/log",
  "Job/once",
];
const hourMs = 3_600_000;

/** Workloads of every kind have slept for long. */
export function profileOf(part: Partial<CreationProfileSpec> = {}): CreationProfileSpec {
  const names = [...known, "CronJob/nightly"];
  const workloads = Object.fromEntries(names.map((name) => [name, { app: asleep, proxy: asleep }]));
  return { validUntil: new Date(Date.now() + hourMs).toISOString(), overbook: 4, minMilli: 0, workloads, ...part };
}
