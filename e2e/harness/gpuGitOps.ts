import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";
import { parse, parseDocument } from "yaml";

import { GitRepository } from "./argo.ts";
import type { Cluster } from "./cluster.ts";
import { doubleInPods } from "./gpuDouble.ts";
import type { Stage } from "./stage.ts";

const root = join(import.meta.dirname, "..", "..");
const deploy = join(root, "deploy");
/** To be set by whoever installs it. */
const shippedUrl = "https://git.example.com/platform/walras.git";

export const images = {
  controller: "docker.io/walras/controller:e2e",
  agent: "docker.io/walras/agent:e2e",
  check: "docker.io/walras/gpu-check:e2e",
} as const;
/** On nodes with GPUs. */
export const gpuLabel = "walras.io/e2e-gpu";

const imageOf = (name: string): object => {
  const [repository, tag] = name.split(":");
  return { repository, tag, pullPolicy: "Never" };
};

/** The scheduler's values: only images are named, what is not on this machine is left out, and the double is nvidia-smi. */
const schedulerValues = {
  image: imageOf(images.controller),
  agents: {
    image: imageOf(images.agent),
    // The testbed's kubelets have folders of their own.
    podResources: "",
    args: [`--nvidia-smi=${doubleInPods.program}`, "--gpu-interval=500ms"],
    env: doubleInPods.env,
    volumes: doubleInPods.volumes,
    volumeMounts: doubleInPods.volumeMounts,
    nodeSelector: { [gpuLabel]: "true" },
    // The double is a Node.js beside the agent.
    resources: { requests: { cpu: "10m" } },
  },
};

export interface MapEntry {
  readonly podIndex: number;
  readonly nodeName: string;
  readonly gpuDevices: string;
}

function checkValues(schedulingMap: readonly MapEntry[]): object {
  return {
    image: imageOf(images.check),
    gpuScheduling: { rollout: "Keep", schedulingMap },
    testService: {
      logInterval: 2,
      env: [
        { name: "NVIDIA_VISIBLE_DEVICES", value: "all" },
        { name: "NVIDIA_SMI", value: doubleInPods.program },
        ...doubleInPods.env,
      ],
    },
    volumes: doubleInPods.volumes,
    volumeMounts: doubleInPods.volumeMounts,
    resources: { requests: { cpu: "10m" } },
    verdict: { interval: 2 },
  };
}

/** A copy of this checkout's charts in a repository that Argo CD reads, and the files of deploy/argocd that lead to it. */
export class GpuGitOps {
  readonly #stage: Stage;
  readonly #repository: GitRepository;

  private constructor(stage: Stage, repository: GitRepository) {
    this.#stage = stage;
    this.#repository = repository;
  }

  static async create(stage: Stage): Promise<GpuGitOps> {
    const repository = await GitRepository.create();
    for (const chart of ["gpu-scheduler-chart", "gpu-scheduler-check-chart", "gpu-scheduler-complete-chart"])
      await repository.take(join("deploy", chart));
    await repository.commit({});
    return new GpuGitOps(stage, repository);
  }

  /** Applies a file of deploy/argocd with the address of the repository put in, as its user does. */
  async apply(file: string): Promise<string> {
    return this.#apply(file, (text) => text);
  }

  /** Applies the complete ApplicationSet with this map. */
  async applyComplete(map: readonly MapEntry[]): Promise<string> {
    return this.#apply("gpu-scheduler-complete-applicationset.yaml", (text) => {
      const document = parseDocument(text);
      const values = ["spec", "template", "spec", "source", "helm", "valuesObject"];
      document.setIn([...values, "scheduler"], document.createNode(schedulerValues));
      document.setIn([...values, "check"], document.createNode(checkValues(map)));
      return document.toString();
    });
  }

  async #apply(file: string, change: (text: string) => string): Promise<string> {
    const text = await readFile(join(deploy, "argocd", file), "utf8");
    const copy = join(this.#stage.programs.folder, file);
    await writeFile(copy, change(text.replaceAll(shippedUrl, this.#repository.url)));
    return this.#stage.cluster.kubectl("apply", "-f", copy);
  }

  async remove(): Promise<void> {
    await this.#repository.remove();
  }
}

/** Makes Argo CD know the health of Applications, or no longer, by what docs/gpu.md tells its users. */
export async function teachHealth(cluster: Cluster, known: boolean): Promise<void> {
  const text = await readFile(join(root, "docs", "gpu.md"), "utf8");
  const [, snippet] = /```yaml\n(resource\.customizations[^]*?)```/.exec(text) ?? [];
  if (snippet === undefined) throw new Error("docs/gpu.md tells nothing of the health of Applications");
  const settings = Object.entries(parse(snippet) as Readonly<Record<string, string>>);
  const data = Object.fromEntries(settings.map(([key, value]) => [key, known ? value : null]));
  const patch = JSON.stringify({ data });
  await cluster.kubectl("-n", "argocd", "patch", "configmap", "argocd-cm", "--type=merge", "-p", patch);
}

/** The certificate of the agents' port, as docs/gpu.md tells to make it. */
export async function createAgentCertificate({ cluster, programs }: Stage, namespace: string): Promise<void> {
  const host = `gpu-scheduler-agents.${namespace}.svc`;
  const walras = join(root, "packages", "cli", "src", "main.ts");
  const { stdout } = await execa(process.execPath, [walras, "certs", `--namespace=${namespace}`, `--host=${host}`]);
  const file = join(programs.folder, "agents-certificate.yaml");
  await writeFile(file, stdout);
  await cluster.kubectl("apply", "-f", file);
}
