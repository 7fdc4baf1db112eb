import { execa } from "execa";

import type { Cluster } from "./cluster.ts";
import { DoubleMachines } from "./gpuDouble.ts";
import { processWith } from "./gpus.ts";
import { eventually } from "./wait.ts";

const namespace = "gpu-scheduler-tests";
const withinMs = 120_000;

/** The verdict, as its Service shows it. */
interface Verdict {
  readonly green: boolean;
  readonly rows: readonly {
    readonly podIndex: number;
    readonly state: string;
    readonly findings: readonly { readonly state: string; readonly message: string }[];
    readonly seen: { readonly node: string | null; readonly gpus: readonly string[]; readonly by: string } | null;
  }[];
}

/** null: there is none now. */
async function verdictPage(cluster: Cluster): Promise<Verdict | null> {
  const at = "jsonpath={.spec.clusterIP}";
  const args = ["-n", namespace, "get", "service", "gpu-scheduler-check-verdict", "--ignore-not-found", "-o", at];
  const address = await cluster.kubectl(...args);
  if (address === "") return null;
  const asked = fetch(`http://${address}:8080/verdict`, { signal: AbortSignal.timeout(5_000) });
  const response = await asked.catch(() => null);
  return response?.ok === true ? ((await response.json()) as Verdict) : null;
}

/** Judges once by the command that docs/gpu.md tells. */
export async function verdictCommand(cluster: Cluster): Promise<{ readonly code: number; readonly output: string }> {
  const command = ["/node", "/app/gpu-check.mjs", "--collect", "--once", "--map=/map/map.yaml"];
  const { exitCode, stdout } = await execa(
    "kubectl",
    [
      "--kubeconfig",
      cluster.target.kubeconfig,
      "-n",
      namespace,
      "exec",
      "deploy/gpu-scheduler-check-verdict",
      "--",
      ...command,
      `--object=${namespace}/gpu-scheduler-check`,
    ],
    { stdin: "ignore", reject: false },
  );
  return { code: exitCode ?? -1, output: stdout };
}

/** Pods of the check, what their nodes' GPUs are like, and what is judged of them. */
export class GpuCheckBed {
  readonly machines: DoubleMachines;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.machines = new DoubleMachines(cluster);
  }

  /** Waits for what pods with the double bring about: those that come new are told of their machine meanwhile. */
  told<T>(what: string, ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
    const asking = async (): Promise<T> => {
      await this.machines.refresh();
      return ask();
    };
    return eventually(what, asking, isRight, withinMs);
  }

  green(): Promise<Verdict | null> {
    return this.#judged("the verdict to be green", (verdict) => verdict.green);
  }

  /** Waits until the verdict on some pods is this, and on all others well. */
  async red(...states: readonly (readonly [podIndex: number, state: string])[]): Promise<void> {
    const expected = new Map(states);
    await this.#judged(`the verdict to be ${JSON.stringify(states)}`, ({ rows }) =>
      rows.every(({ podIndex, state }) => state === (expected.get(podIndex) ?? "ok")),
    );
  }

  #judged(what: string, isRight: (verdict: Verdict) => boolean): Promise<Verdict | null> {
    return this.told(
      what,
      () => verdictPage(this.#cluster),
      (verdict) => verdict !== null && isRight(verdict),
    );
  }

  devicesOf(pod: string): Promise<string> {
    return this.#pod(pod, "{.metadata.annotations.gpu\\.walras\\.io/devices}");
  }

  /** Its GPUs become these: whoever may patch it can do that, and the kubelet reads them when the container starts. */
  async give(pod: string, devices: string): Promise<void> {
    const annotation = `gpu.walras.io/devices=${devices}`;
    await this.#cluster.kubectl("-n", namespace, "annotate", "pod", pod, annotation, "--overwrite");
    const found = await processWith("POD_NAME", pod, "gpu-check.mjs");
    if (found === null) throw new Error(`no process of ${pod}`);
    process.kill(found.pid, "SIGTERM");
  }

  /** The StatefulSet makes it again. */
  async makeAnew(pod: string): Promise<void> {
    const before = await this.#pod(pod, "{.metadata.uid}");
    await this.#cluster.kubectl("-n", namespace, "delete", "pod", pod, "--wait=false");
    await this.told(
      `another ${pod}`,
      () => this.#pod(pod, "{.metadata.uid}"),
      (after) => after !== "" && after !== before,
    );
  }

  #pod(name: string, field: string): Promise<string> {
    const args = ["-n", namespace, "get", "pod", name, "-o", `jsonpath=${field}`, "--ignore-not-found"];
    return this.#cluster.kubectl(...args);
  }
}
