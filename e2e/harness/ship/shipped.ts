import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { metricSum } from "@walras/kit/testing";

import type { Cluster } from "../cluster.ts";
import { processWith } from "../gpus.ts";

const namespace = "walras-system";

/** A pod of ours in the cluster. */
export interface ShippedPod {
  readonly name: string;
  readonly node: string;
  readonly address: string;
  readonly ready: boolean;
  readonly restarts: number;
}

interface RawPod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

/** The pods of one of our programs, but for those that are going. */
export async function podsOf(
  cluster: Cluster,
  name: "walras-controller" | "walras-agent",
): Promise<readonly ShippedPod[]> {
  const args = ["-n", namespace, "get", "pods", "-l", `app.kubernetes.io/name=${name}`, "-o", "json"];
  const { items } = JSON.parse(await cluster.kubectl(...args)) as { readonly items: readonly RawPod[] };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(shown);
}

function shown({ metadata, spec, status = {} }: RawPod): ShippedPod {
  return {
    name: metadata.name,
    node: spec.nodeName ?? "",
    address: status.podIP ?? "",
    ready: (status.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    restarts: (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
  };
}

/** What a controller's pod tells of itself. */
export class PodMetrics {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static async of({ address }: ShippedPod): Promise<PodMetrics> {
    return new PodMetrics(await (await fetch(`http://${address}:9090/metrics`)).text());
  }

  /** Over all series of the metric whose labels the pattern has. */
  sum(metric: string, labels?: string): number {
    return metricSum(this.#text, metric, labels);
  }
}

/** Ends the container of a pod as the kernel does for want of memory: nothing is said to anybody. */
export async function crash({ name }: ShippedPod): Promise<void> {
  const found = await processWith("POD_NAME", name, "controller.mjs");
  if (found === null) throw new Error(`no process of ${name}`);
  process.kill(found.pid, "SIGKILL");
}

/** Writes what the pods of both programs have logged into files of the folder. */
export async function saveLogs(cluster: Cluster, folder: string): Promise<void> {
  const pods = [...(await podsOf(cluster, "walras-controller")), ...(await podsOf(cluster, "walras-agent"))];
  for (const { name, restarts } of pods) {
    const logs = (...args: readonly string[]): Promise<string> =>
      cluster.kubectl("-n", namespace, "logs", name, ...args);
    await writeFile(join(folder, `${name}.log`), await logs());
    if (restarts > 0) await writeFile(join(folder, `${name}-before.log`), await logs("--previous"));
  }
}

/** Nothing of what was applied stays, but for the namespace, its accounts and the kinds. */
export async function removeShipped(cluster: Cluster): Promise<void> {
  const kinds = "deployments,daemonsets,services,networkpolicies,poddisruptionbudgets,configmaps,secrets,leases";
  await cluster.kubectl("-n", namespace, "delete", kinds, "--all", "--ignore-not-found");
  const bindings = ["batch", "carla", "gpu", "intents"].map((part) => `walras-controller-${part}`);
  await cluster.kubectl("delete", "clusterrolebinding", ...bindings, "--ignore-not-found");
}
