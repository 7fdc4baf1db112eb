import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parseCpu } from "@walras/kit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";

import type { PodView } from "../harness/cluster.ts";
import { agentImage } from "../harness/images.ts";
import { joinLoad } from "../harness/load.ts";
import type { ControllerProgram } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const root = join(import.meta.dirname, "..", "..");
const image = "docker.io/walras/agent:e2e";
let stage: Stage;
let controller: ControllerProgram;

/** The parts of the shipped DaemonSet that a test cluster needs otherwise. */
interface DaemonSet {
  metadata: { name: string };
  spec: {
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        nodeSelector?: Record<string, string>;
        hostNetwork?: boolean;
        containers: { image: string; imagePullPolicy?: string; args: string[] }[];
      };
    };
  };
}

/** Deploys the shipped DaemonSet on one node: only image, address and place differ. */
async function deployAgent(node: string, hostNetwork: boolean): Promise<void> {
  const { cluster, programs } = stage;
  const address = cluster.target.controlPlane?.hostAddressFor(node) ?? "";
  const [document] = parseAllDocuments(await readFile(join(root, "deploy", "kustomize", "base", "agent.yaml"), "utf8"));
  const daemonSet = document?.toJS() as DaemonSet;
  const [container] = daemonSet.spec.template.spec.containers;
  if (!container) throw new Error("the DaemonSet has no container");
  daemonSet.metadata.name = `walras-agent-${node}`;
  daemonSet.spec.selector.matchLabels = { "e2e/agent-of": node };
  daemonSet.spec.template.metadata.labels = { "e2e/agent-of": node };
  daemonSet.spec.template.spec.nodeSelector = { "kubernetes.io/hostname": node };
  daemonSet.spec.template.spec.hostNetwork = hostNetwork;
  Object.assign(container, { image, imagePullPolicy: "Never" });
  container.args = [
    ...container.args.filter((arg) => !arg.startsWith("--controller=")),
    `--controller=ipv4:${address}:${controller.agentPort}`,
    "--tls-server-name=localhost",
  ];
  const file = join(programs.folder, `agent-${node}.yaml`);
  await writeFile(file, stringify(daemonSet));
  await cluster.kubectl("-n", "walras-system", "apply", "-f", file);
}

async function agents(): Promise<number> {
  return Number(/^walras_agents (\d+)$/m.exec(await controller.metrics())?.[1]);
}

function limitMilli(pod: PodView): number {
  return parseCpu(pod.status?.containerStatuses?.[0]?.resources?.limits?.cpu ?? "0", "limit");
}

/** A throttled container is freed without a restart, and an idle one left alone. */
async function expectMarketOn(node: string): Promise<void> {
  const { cluster, namespace } = stage;
  const names = { hungry: `hungry-${node}`, idle: `idle-${node}` };
  const hungry = await joinLoad(cluster, {
    namespace,
    name: names.hungry,
    node,
    cores: 0.5,
    request: "50m",
    limit: "100m",
  });
  await joinLoad(cluster, { namespace, name: names.idle, node, cores: 0, request: "100m", limit: "400m" });
  const raised = await eventually(
    "a raise",
    () => cluster.pod(namespace, names.hungry),
    (pod) => limitMilli(pod) > 300,
    60_000,
  );
  expect(raised.status?.containerStatuses?.[0]).toMatchObject({
    restartCount: 0,
    containerID: hungry.status?.containerStatuses?.[0]?.containerID,
  });
  expect(limitMilli(await cluster.pod(namespace, names.idle))).toBe(400);
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("nodes");
  const { cluster, programs } = stage;
  await programs.prepare();
  controller = await programs.startController({ address: "0.0.0.0:0" });
  await cluster.kubectl(
    "-n",
    "walras-system",
    "create",
    "configmap",
    "walras-controller-ca",
    `--from-file=ca.crt=${join(programs.folder, "ca.crt")}`,
  );
});

afterAll(async () => {
  if (!inject("local")) return;
  const { cluster } = stage;
  await cluster.kubectl("-n", "walras-system", "delete", "daemonset", "--all", "--ignore-not-found");
  await cluster.kubectl("-n", "walras-system", "delete", "configmap", "walras-controller-ca", "--ignore-not-found");
  await stage.close();
  await cluster.target.controlPlane?.stopV2Node();
});

describe.skipIf(!inject("local"))(
  "the agent as a pod, as a user of its own, with nothing but a read-only mount",
  () => {
    it("serves a node with cgroup v1", async () => {
      const { cluster } = stage;
      await cluster.target.controlPlane?.loadImage("node1", await agentImage(image));
      await deployAgent("node1", false);
      await eventually("its stream", agents, (count) => count === 1, 60_000);
      await expectMarketOn("node1");
    });

    it("serves a node with cgroup v2 and pressure stall information", async () => {
      const { cluster } = stage;
      const plane = cluster.target.controlPlane;
      if (!plane) return;
      const tar = await agentImage(image);
      expect(existsSync(tar)).toBe(true);
      const node = await plane.startV2Node([tar]);
      await deployAgent(node, true);
      await eventually("its stream", agents, (count) => count === 2, 240_000);
      await expectMarketOn(node);
      expect(await controller.log()).toMatch(new RegExp(`"node":"${node}".*"cgroup":"v2".*"pressure":true`));
      // The machine of this node is emulated, and boots for two minutes where it shares its cores.
    }, 480_000);
  },
);
