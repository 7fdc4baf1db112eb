import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundleProgram } from "@walras/kit/bundle";
import { type DoubleControl, writeControl } from "@walras/node-agent/nvidia-double";

import type { Cluster } from "./cluster.ts";

const folder = join(import.meta.dirname, "..", "..", "packages", "node-agent", "src", "nvidia", "testing");
/** Of the ConfigMap, and of the volume that has it. */
const name = "nvidia-double";
const controlVolume = "nvidia-control";
const program = "/nvidia/nvidia-smi.mjs";
const gpuCount = 8;

/** What a pod needs so that its nvidia-smi is the double; each pod has a control file of its own. */
export const doubleInPods = {
  program,
  env: [{ name: "NVIDIA_SMI_CONTROL", value: "/control/control.json" }],
  volumes: [
    { name, configMap: { name, defaultMode: 0o555 } },
    { name: controlVolume, emptyDir: {} },
  ],
  volumeMounts: [
    { name, mountPath: "/nvidia", readOnly: true },
    { name: controlVolume, mountPath: "/control", readOnly: true },
  ],
};

/** Puts the double where pods of the namespace can mount it. */
export async function createDouble(cluster: Cluster, namespace: string): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), "walras-double-"));
  try {
    const bundled = await readFile(await bundleProgram(join(folder, "double.ts"), out), "utf8");
    const layout = await readFile(join(folder, "layouts", "h100x8.json"), "utf8");
    await cluster.create({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true }, namespace, {
      metadata: { name },
      data: { "nvidia-smi.mjs": `#!/node\n${bundled}`, "h100x8.json": layout },
    });
  } finally {
    await rm(out, { recursive: true });
  }
}

/** The machines of nodes, as all pods with the double see them. */
export class DoubleMachines {
  readonly #cluster: Cluster;
  readonly #faults = new Map<string, Partial<DoubleControl>>();
  readonly #written = new Map<string, string>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** What is wrong with a node's GPUs from now on. */
  async set(node: string, faults: Partial<DoubleControl>): Promise<void> {
    this.#faults.set(node, faults);
    await this.refresh();
  }

  /** Tells pods that are new, and those whose node has changed. */
  async refresh(): Promise<void> {
    for (const { metadata, spec } of await this.#cluster.pods()) {
      const { nodeName: node = "" } = spec;
      const at = this.#cluster.emptyDir(node, metadata.uid, controlVolume);
      if (at === null) continue;
      const control = this.#controlOf(node);
      if (this.#written.get(metadata.uid) === JSON.stringify(control)) continue;
      writeControl(join(at, "control.json"), control);
      this.#written.set(metadata.uid, JSON.stringify(control));
    }
  }

  #controlOf(machine: string): DoubleControl {
    // Nobody computes there, unless a fault says so.
    const processes = Object.fromEntries(Array.from({ length: gpuCount }, (_, index) => [index, []]));
    const { processes: more, ...faults } = this.#faults.get(machine) ?? {};
    return { layout: "/nvidia/h100x8.json", machine, processes: { ...processes, ...more }, ...faults };
  }
}
