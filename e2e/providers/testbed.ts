import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { execa } from "execa";

import type { ControlPlane, Provider, TestCluster } from "./provider.ts";

/** Where the testbed keeps its state, unless told otherwise. */
const home = process.env["TESTBED_HOME"] ?? "/var/tmp/testbed";

/**
 * A cluster out of local processes: `testbed up`, `testbed node 1`. Needs root.
 *
 * @param script the testbed's command
 */
export function testbedProvider(script: string): Provider {
  const testbed = async (...args: string[]): Promise<void> => {
    await execa(script, args, { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  };
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

function cluster(script: string, testbed: (...args: string[]) => Promise<void>): TestCluster {
  return {
    kubeconfig: join(home, "run", "admin.kubeconfig"),
    localNodes: ["node1"],
    loadImage: "docker.io/local/load:1",
    emptyDir: (node, podUid, volume) => {
      const path = join(home, node, "kubelet", "pods", podUid, "volumes", "kubernetes.io~empty-dir", volume);
      return existsSync(path) ? path : null;
    },
    controlPlane: controlPlane(script, testbed),
  };
}

function controlPlane(script: string, testbed: (...args: string[]) => Promise<void>): ControlPlane {
  return {
    killApiServer: async () => {
      process.kill(pidOf("apiserver"), "SIGKILL");
      await testbed("stop", "apiserver");
    },
    startApiServer: () => testbed("apiserver"),
    pauseEtcd: async (forMs) => {
      const pid = pidOf("etcd");
      process.kill(pid, "SIGSTOP");
      try {
        await new Promise((resolve) => setTimeout(resolve, forMs));
      } finally {
        process.kill(pid, "SIGCONT");
      }
    },
    hostAddressFor: (node) => (node === "node9" ? "10.0.2.2" : `10.244.${node.slice("node".length)}.1`),
    buildProgram: (image, bundle) => buildProgram(script, image, bundle),
    loadProgram: async (node, image, bundle, beside = []) => {
      await testbed("image", node.slice("node".length), await buildProgram(script, image, bundle, beside));
    },
    startNode: async (index) => {
      if (!isRunning(`kubelet-node${index}`)) await testbed("node", String(index));
      return `node${index}`;
    },
    stopNode: async (index) => {
      await testbed("stop", `kubelet-node${index}`, `containerd-node${index}`);
      const kubeconfig = join(home, "run", "admin.kubeconfig");
      await execa("kubectl", ["--kubeconfig", kubeconfig, "delete", "node", `node${index}`], { stdin: "ignore" });
    },
    startKeda: () => testbed("keda"),
    stopKeda: () => testbed("stop", "keda"),
    startArgo: async () => {
      const env = { ARGOCD_APPLICATION_NAMESPACES: "argocd,clinic-*" };
      await execa(script, ["argocd"], { stdin: "ignore", stdout: "ignore", stderr: "inherit", env });
    },
    stopArgo: (all) => {
      const others = all ? ["argocd-repo", "argocd-appset", "redis"] : [];
      return testbed("stop", "argocd-server", "argocd-controller", ...others);
    },
    startV2Node: async (images) => {
      await testbed("vnode", ...images);
      return "node9";
    },
  };
}

async function buildProgram(
  script: string,
  image: string,
  bundle: string,
  beside: readonly string[] = [],
): Promise<string> {
  const tar = join(home, `${image.replaceAll(/[^a-z0-9]/g, "-")}.tar`);
  const flags = bundle.endsWith("agent.mjs") ? agentFlags : controllerFlags;
  const entry = ["/usr/bin/node", ...flags, "/app/program.mjs"].join(" ");
  const others = beside.map((file) => `${file}=/app/${basename(file)}`);
  await execa(join(script, "..", "mknodeimage"), [
    tar,
    image,
    process.execPath,
    entry,
    `${bundle}=/app/program.mjs`,
    ...others,
  ]);
  return tar;
}

/** As in Dockerfile.agent. */
const agentFlags = [
  "--max-old-space-size=32",
  "--max-semi-space-size=1",
  "--no-opt",
  "--no-maglev",
  "--v8-pool-size=1",
];

/** As in Dockerfile.controller. */
const controllerFlags = ["--max-old-space-size=320", "--max-semi-space-size=8"];

function pidOf(name: string): number {
  return Number(readFileSync(join(home, "run", `${name}.pid`), "utf8"));
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
