import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { type DoubleControl, writeControl } from "@walras/node-agent/nvidia-double";

import type { AgentOptions, ControllerProgram, Program } from "./programs.ts";
import type { Stage } from "./stage.ts";

const root = join(import.meta.dirname, "..", "..");
const program = join(root, "packages", "node-agent", "src", "nvidia", "testing", "nvidia-smi");

const statefulSets = { apiVersion: "apps/v1", kind: "StatefulSet", plural: "statefulsets", namespaced: true } as const;

/** A StatefulSet of a test. */
export interface GpuSet {
  readonly name: string;
  readonly replicas: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of its containers. */
  readonly limits?: Readonly<Record<string, string>>;
  /** Of the pod's claims, those of its containers. */
  readonly claims?: readonly { readonly name: string }[];
  /** Of its pods, beside what all have. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Pods as the webhook leaves them: they read what the scheduler writes. */
export async function gpuSet(
  { cluster, namespace }: Stage,
  { name, replicas, annotations = {}, limits = {}, claims = [], spec = {} }: GpuSet,
): Promise<void> {
  const field = (fieldPath: string): object => ({ valueFrom: { fieldRef: { fieldPath } } });
  const env = [
    { name: "CUDA_VISIBLE_DEVICES", ...field("metadata.annotations['gpu.walras.io/devices']") },
    { name: "NAME", ...field("metadata.name") },
    { name: "NAMESPACE", ...field("metadata.namespace") },
    { name: "POD", value: "$(NAMESPACE)/$(NAME)" },
  ];
  const image = { image: cluster.target.loadImage, imagePullPolicy: "Never" };
  const container = { name: "app", ...image, args: ["0"], env, resources: { limits, claims } };
  await cluster.create(statefulSets, namespace, {
    metadata: { name },
    spec: {
      serviceName: name,
      replicas,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, "mbcas.io/managed": "false" }, annotations },
        spec: { schedulerName: "gpu-scheduler", terminationGracePeriodSeconds: 0, containers: [container], ...spec },
      },
    },
  });
}

/** One GPU as `/gpus` shows it. */
export interface ShownGpu {
  readonly uuid: string;
  readonly index: number;
  readonly minor: number;
  readonly unhealthy: string | null;
  readonly holders: readonly { readonly namespace: string; readonly pod: string; readonly by: "kubelet" | "process" }[];
}

/** Nodes whose agents see the GPUs of a double of nvidia-smi, and a controller that places pods on them. */
export class GpuNodes {
  readonly #stage: Stage;
  readonly #controller: ControllerProgram;
  readonly #indices = new Set<number>();

  private constructor(stage: Stage, controller: ControllerProgram) {
    this.#stage = stage;
    this.#controller = controller;
  }

  static async open(stage: Stage): Promise<GpuNodes> {
    const { cluster, programs } = stage;
    await cluster.kubectl("apply", "-k", join(root, "deploy", "roles", "gpu"));
    await cluster.kubectl("apply", "-f", join(root, "deploy", "kustomize", "parts", "gpu", "rbac.yaml"));
    return new GpuNodes(stage, await programs.startController({ mode: "recommend", args: ["--parts=market,gpu"] }));
  }

  /** With the stage, and the StatefulSets in its namespace. */
  async close(): Promise<void> {
    const { cluster, namespace } = this.#stage;
    await cluster.kubectl("-n", namespace, "delete", "statefulset", "--all", "--ignore-not-found");
    await this.#stage.close();
    for (const index of this.#indices) await cluster.target.controlPlane?.stopNode(index);
  }

  /** Eight GPUs of the node's own, under a logical name. */
  async add(index: number, logicalName: string, { args = [], ...options }: AgentOptions = {}): Promise<Program> {
    const { cluster, programs } = this.#stage;
    const node = (await cluster.target.controlPlane?.startNode(index)) ?? "";
    this.#indices.add(index);
    await cluster.kubectl("label", "node", node, `gpu-node-name=${logicalName}`, "--overwrite");
    this.set(node, {});
    return programs.startAgent(node, [this.#controller], {
      args: [`--nvidia-smi=${program}`, "--gpu-interval=500ms", ...args],
      ...options,
      env: { NVIDIA_SMI_CONTROL: this.#control(node) },
    });
  }

  /** What is wrong with its GPUs from now on. */
  set(node: string, faults: Partial<DoubleControl>): void {
    writeControl(this.#control(node), { layout: "h100x8", machine: node, ...faults });
  }

  /** What the controller knows of a node's GPUs, by their numbers. */
  async shown(node: string): Promise<readonly ShownGpu[]> {
    const { nodes } = JSON.parse(await this.#controller.view("/gpus")) as {
      readonly nodes: readonly { readonly node: string; readonly gpus: readonly ShownGpu[] }[];
    };
    const { gpus = [] } = nodes.find((one) => one.node === node) ?? {};
    return gpus.toSorted((one, other) => one.index - other.index);
  }

  #control(node: string): string {
    return join(this.#stage.programs.folder, `nvidia-${node}.json`);
  }
}

/** The variable as the pod's program was given it by the kubelet; null: no such program runs. */
export async function visibleDevices(namespace: string, pod: string): Promise<string | null> {
  const found = await processWith("POD", `${namespace}/${pod}`);
  return found === null ? null : (found.variables.get("CUDA_VISIBLE_DEVICES") ?? "");
}

/**
 * A process of this machine by a variable of its own; null: there is none.
 *
 * @param command in its command line; what it has started has the same variables
 */
export async function processWith(
  name: string,
  value: string,
  command = "",
): Promise<{ readonly pid: number; readonly variables: ReadonlyMap<string, string> } | null> {
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const environ = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    const variables = new Map(environ.split("\0").map((line) => line.split(/=(.*)/s, 2) as [string, string]));
    if (variables.get(name) !== value) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(command)) return { pid: Number(pid), variables };
  }
  return null;
}
