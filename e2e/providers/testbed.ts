import { spawn } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { execa } from "execa";
import { parseAllDocuments } from "yaml";

import { pause } from "../harness/wait.ts";
import { endContainers, removeGroups } from "./leftovers.ts";
import type { ControlPlane, Provider, TestCluster } from "./provider.ts";

/** Where the testbed keeps its state, unless told otherwise. */
const home = process.env["TESTBED_HOME"] ?? "/var/tmp/testbed";

/** The node with cgroup v2. */
const emulated = "node9";
/** Keeps everybody else's pods away from fake nodes. */
const fakeTaint = "kwok.x-k8s.io/node";
const kubeconfig = join(home, "run", "admin.kubeconfig");

/**
 * A cluster out of local processes: `testbed up`, `testbed node 1`. Needs root.
 *
 * @param script the testbed's command
 */
export function testbedProvider(script: string): Provider {
  const testbed = (...args: string[]): Promise<void> => run(script, args);
  return {
    name: "testbed",
    up: async () => {
      await testbed("up");
      if (!isRunning("kubelet-node1")) await testbed("node", "1");
      return cluster(script, testbed);
    },
    down: () => testbed("down"),
  };
}

async function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  await execa(script, args, { stdin: "ignore", stdout: "ignore", stderr: "inherit", env });
}

function cluster(script: string, testbed: (...args: string[]) => Promise<void>): TestCluster {
  return {
    kubeconfig,
    localNodes: ["node1"],
    loadImage: "docker.io/local/load:1",
    kubeletFolder: (node) => join(home, node, "kubelet"),
    controlPlane: controlPlane(script, testbed),
  };
}

function controlPlane(script: string, testbed: (...args: string[]) => Promise<void>): ControlPlane {
  // They end for want of their leases when it takes long, and nobody would start them again.
  let restarts: readonly (() => void)[] = [];
  const stopManagers = (): void => {
    restarts = ["kcm", "scheduler"].map((name) => stopToRestart(name));
  };
  const startManagers = (): void => {
    for (const restart of restarts) restart();
    restarts = [];
  };
  const killApiServer = async (): Promise<void> => {
    stopManagers();
    process.kill(pidOf("apiserver"), "SIGKILL");
    await testbed("stop", "apiserver");
  };
  const startApiServer = async (): Promise<void> => {
    await testbed("apiserver");
    startManagers();
  };
  return {
    killApiServer,
    startApiServer,
    pauseEtcd: async (forMs) => {
      const pid = pidOf("etcd");
      stopManagers();
      process.kill(pid, "SIGSTOP");
      try {
        await pause(forMs);
      } finally {
        process.kill(pid, "SIGCONT");
        startManagers();
      }
    },
    outage: async (forMs) => {
      await killApiServer();
      await pause(forMs);
      await startApiServer();
    },
    hostAddressFor: (node) => (node === emulated ? "10.0.2.2" : `10.244.${node.slice("node".length)}.1`),
    loadImage: async (nodes, archive) => {
      for (const node of [nodes].flat()) await testbed("image", node.slice("node".length), archive);
    },
    startNode: async (index, reservedCpu) => {
      const env = reservedCpu === undefined ? {} : { TESTBED_RESERVED_CPU: reservedCpu };
      if (!isRunning(`kubelet-node${index}`)) await run(script, ["node", String(index)], env);
      return `node${index}`;
    },
    restartKubelet: async (index) => {
      await testbed("stop", `kubelet-node${index}`);
      await testbed("node", String(index));
    },
    stopNode: async (index) => {
      const node = `node${index}`;
      await testbed("stop", `kubelet-${node}`);
      await endContainers(home, node);
      await testbed("stop", `containerd-${node}`);
      await kubectl("delete", "node", node, "--ignore-not-found");
      await removeGroups(node);
    },
    startMetrics: () => testbed("metrics"),
    stopMetrics: async () => {
      await testbed("stop", "metrics-server");
      await kubectl("delete", "apiservice", "v1beta1.metrics.k8s.io", "--ignore-not-found");
    },
    startKeda: () => testbed("keda"),
    stopKeda: () => testbed("stop", "keda"),
    startFakeNodes: (count, jobSeconds) => startFakeNodes(script, count, jobSeconds),
    startArgo: async (resyncSeconds) => {
      await run(script, ["argocd"], { ARGOCD_APPLICATION_NAMESPACES: "argocd,clinic-*" });
      if (resyncSeconds !== undefined)
        stopToRestart("argocd-controller", (args) => withFlag(args, "--app-resync", String(resyncSeconds)))();
    },
    stopArgo: (all) => {
      const others = all ? ["argocd-repo", "argocd-appset", "redis"] : [];
      return testbed("stop", "argocd-server", "argocd-controller", ...others);
    },
    startV2Node: async (images) => {
      await testbed("vnode", ...images);
      return emulated;
    },
    stopV2Node: async () => {
      await testbed("stop", `qemu-${emulated}`);
      await kubectl("delete", "node", emulated, "--ignore-not-found");
    },
  };
}

async function kubectl(...args: string[]): Promise<void> {
  await execa("kubectl", ["--kubeconfig", kubeconfig, ...args], { stdin: "ignore", stdout: "ignore" });
}

/** The testbed's own fake nodes finish every Job at once, which leaves nothing to see. */
async function startFakeNodes(script: string, count: number, jobSeconds: number): Promise<() => Promise<void>> {
  const stages = parseAllDocuments(await readFile(join(script, "..", "kwok", "stages.yaml"), "utf8"));
  const complete = stages.find((stage) => stage.getIn(["metadata", "name"]) === "pod-complete");
  complete?.setIn(["spec", "delay"], {
    durationMilliseconds: jobSeconds * 1000,
    jitterDurationMilliseconds: jobSeconds * 1250,
  });
  const file = join(home, "kwok-stages.yaml");
  await writeFile(file, stages.map(String).join("---\n"));
  const flags = ["--config", file, "--kubeconfig", kubeconfig, "--manage-all-nodes=false"];
  const kwok = execa(
    join(home, "bin", "kwok"),
    [...flags, "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake", "--server-address=127.0.0.1:0"],
    { stdin: "ignore", stdout: "ignore", stderr: { file: join(home, "log", "kwok.log") }, reject: false },
  );
  await execa("kubectl", ["--kubeconfig", kubeconfig, "create", "-f", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items: Array.from({ length: count }, fakeNode) }),
    stdout: "ignore",
  });
  return async () => {
    await kubectl("delete", "nodes", "-l", "type=kwok");
    kwok.kill();
    await kwok;
  };
}

function fakeNode(_: unknown, index: number): object {
  const name = `kwok-${index + 1}`;
  const resources = { cpu: "8", memory: "32Gi", pods: "110" };
  const labels = { type: "kwok", "kubernetes.io/hostname": name, "posture/eligible": "true" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, annotations: { "kwok.x-k8s.io/node": "fake" }, labels },
    spec: { taints: [{ key: fakeTaint, value: "fake", effect: "NoSchedule" }] },
    status: { allocatable: resources, capacity: resources },
  };
}

function pidOf(name: string): number {
  return Number(readFileSync(join(home, "run", `${name}.pid`), "utf8"));
}

/** Ends a component; answers how to start it again as it was. */
function stopToRestart(name: string, change = (args: readonly string[]) => args): () => void {
  const pid = pidOf(name);
  const words = (file: string): string[] => readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1);
  const [command = "", ...args] = words("cmdline");
  const env = Object.fromEntries(words("environ").map((line) => line.split(/=(.*)/s, 2)));
  process.kill(pid, "SIGKILL");
  return () => {
    const log = openSync(join(home, "log", `${name}.log`), "a");
    const child = spawn(join(home, "bin", basename(command)), change(args), {
      detached: true,
      env,
      stdio: ["ignore", log, log],
    });
    child.unref();
    writeFileSync(join(home, "run", `${name}.pid`), String(child.pid));
  };
}

function withFlag(args: readonly string[], flag: string, value: string): readonly string[] {
  const at = args.indexOf(flag);
  return at < 0 ? [...args, flag, value] : args.with(at + 1, value);
}

/** Starting a node twice would give it two kubelets. */
function isRunning(name: string): boolean {
  try {
    process.kill(pidOf(name), 0);
    return true;
  } catch {
    return false;
  }
}
