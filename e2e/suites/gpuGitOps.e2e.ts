import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { argocd, adminToken, liveApplication } from "../harness/argo.ts";
import { createDouble } from "../harness/gpuDouble.ts";
import {
  createAgentCertificate,
  gpuLabel,
  GpuGitOps,
  images,
  type MapEntry,
  teachHealth,
} from "../harness/gpuGitOps.ts";
import { GpuCheckBed, verdictCommand } from "../harness/gpuCheckBed.ts";
import { agentImage, controllerImage, gpuCheckImage } from "../harness/images.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const system = "gpu-scheduler-system";
const tests = "gpu-scheduler-tests";
const applications = {
  complete: "gpu-scheduler-complete",
  scheduler: "local-cluster-gpu-scheduler",
  check: "local-cluster-gpu-test-service",
} as const;
const nodes = { alpha: "node2", beta: "node3" } as const;
const map: readonly MapEntry[] = [
  { podIndex: 0, nodeName: "alpha", gpuDevices: "0,1" },
  { podIndex: 1, nodeName: "beta", gpuDevices: "2" },
  { podIndex: 2, nodeName: "beta", gpuDevices: "3" },
];
const withinMs = 120_000;

let stage: Stage;
let gitOps: GpuGitOps;
let bed: GpuCheckBed;
let token: string;

const kubectl = (...args: readonly string[]): Promise<string> => stage.cluster.kubectl(...args);
const inTests = (...args: readonly string[]): Promise<string> => kubectl("-n", tests, ...args);

async function label(nodeOf: Readonly<Record<"alpha" | "beta", string>>): Promise<void> {
  for (const [name, node] of Object.entries(nodeOf))
    await kubectl("label", "node", node, `gpu-node-name=${name}`, `${gpuLabel}=true`, "--overwrite");
}

/** With what they have deployed. */
async function removeApplications(): Promise<void> {
  await kubectl("-n", "argocd", "delete", "applicationset", "--all");
  await eventually(
    "Applications to go",
    () => kubectl("-n", "argocd", "get", "applications", "-o", "name"),
    (left) => left === "",
    withinMs,
  );
}

async function exists(...resource: readonly string[]): Promise<boolean> {
  return (await kubectl(...resource, "--ignore-not-found", "-o", "name")) !== "";
}

async function startNodes(): Promise<void> {
  const plane = stage.cluster.target.controlPlane;
  for (const node of Object.values(nodes)) await plane?.startNode(Number(node.slice("node".length)));
  await label(nodes);
  await kubectl("label", "node", "node1", "node-role.kubernetes.io/control-plane=", "--overwrite");
  await plane?.loadImage("node1", await controllerImage(images.controller));
  await plane?.loadImage(Object.values(nodes), await agentImage(images.agent));
  await plane?.loadImage(["node1", ...Object.values(nodes)], await gpuCheckImage(images.check));
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gitops");
  bed = new GpuCheckBed(stage.cluster);
  await startNodes();
  await stage.cluster.target.controlPlane?.startArgo();
  token = await adminToken();
  await teachHealth(stage.cluster, true);
  // The scheduler's chart brings it.
  await kubectl("delete", "crd", "gpuschedulingmaps.gpu.walras.io", "--ignore-not-found");
  for (const namespace of [system, tests]) {
    await kubectl("create", "namespace", namespace);
    await createDouble(stage.cluster, namespace);
  }
  gitOps = await GpuGitOps.create(stage);
}, 300_000);

afterAll(async () => {
  if (!stage) return;
  await removeApplications();
  for (const namespace of [tests, system]) await kubectl("delete", "namespace", namespace, "--ignore-not-found");
  await kubectl("-n", "argocd", "delete", "secret", "local-cluster", "--ignore-not-found");
  await kubectl(
    "-n",
    "argocd",
    "delete",
    "appproject",
    "gpu-scheduler",
    "gpu-scheduler-complete",
    "--ignore-not-found",
  );
  await teachHealth(stage.cluster, false);
  await stage.cluster.target.controlPlane?.stopArgo("all");
  await gitOps?.remove();
  await kubectl("label", "node", "node1", "node-role.kubernetes.io/control-plane-");
  await stage.close();
  for (const node of [2, 3]) await stage.cluster.target.controlPlane?.stopNode(node);
});

describe.skipIf(!inject("local"))("the GPU scheduler by GitOps", () => {
  it("is made by no Application while no cluster has the label", async () => {
    await gitOps.apply("gpu-scheduler-project.yaml");
    await gitOps.applyComplete(map);
    await eventually(
      "the ApplicationSet to have been looked at",
      () =>
        kubectl(
          "-n",
          "argocd",
          "get",
          "applicationset",
          "gpu-scheduler-complete",
          "-o",
          "jsonpath={.status.conditions}",
        ),
      (conditions) => conditions.includes("ResourcesUpToDate") || conditions.includes("ErrorOccurred"),
    );
    expect(await argocd(token, "app", "list", "-o", "name")).toBe("");
  });

  it("comes up before its check, each by an Application, once the cluster's Secret is there", async () => {
    await createAgentCertificate(stage, system);
    await gitOps.apply("local-cluster-secret.yaml");
    await bed.told(
      "the Application of the check",
      () => exists("-n", "argocd", "get", "application", applications.check),
      (isThere) => isThere,
    );
    const { status } = await liveApplication(stage.cluster, "argocd", applications.scheduler);
    expect(status).toMatchObject({ sync: { status: "Synced" }, health: { status: "Healthy" } });
    for (const name of Object.values(applications))
      await bed.told(
        `${name} to be in sync and well`,
        async () => (await liveApplication(stage.cluster, "argocd", name)).status,
        (one) => one?.sync?.status === "Synced" && one.health?.status === "Healthy",
      );
    const listed = (await argocd(token, "app", "list", "-o", "name")).split("\n").toSorted();
    expect(listed).toEqual(
      Object.values(applications)
        .map((name) => `argocd/${name}`)
        .toSorted(),
    );
  });

  it("runs as two pods on control-plane nodes, with an agent on each node with GPUs", async () => {
    const where = (name: string): Promise<string> =>
      kubectl(
        "-n",
        system,
        "get",
        "pods",
        "-l",
        `app.kubernetes.io/name=${name}`,
        "-o",
        "jsonpath={.items[*].spec.nodeName}",
      );
    expect((await where("gpu-scheduler")).split(" ")).toEqual(["node1", "node1"]);
    expect((await where("gpu-scheduler-agent")).split(" ").toSorted()).toEqual(["node2", "node3"]);
  });

  it("places pods of the map on their nodes, with their GPUs, which the check proves by devices", async () => {
    const verdict = await bed.green();
    expect(verdict?.rows.map(({ seen }) => [seen?.node, seen?.by, seen?.gpus.length])).toEqual([
      [nodes.alpha, "devices", 2],
      [nodes.beta, "devices", 1],
      [nodes.beta, "devices", 1],
    ]);
    for (const { podIndex, seen } of verdict?.rows ?? [])
      expect(await bed.devicesOf(`gpu-scheduler-check-${podIndex}`)).toBe(seen?.gpus.join(","));
    expect(await verdictCommand(stage.cluster)).toEqual({ code: 0, output: "0  ok\n1  ok\n2  ok\ngreen" });
  });

  it("is shown by the commands of the prototype's document", async () => {
    expect(await argocd(token, "app", "get", applications.complete)).toMatch(/Sync Status:\s+Synced/);
    expect(await argocd(token, "app", "get", applications.complete, "--show-operation")).toMatch(/Phase:\s+Succeeded/);
    expect(await argocd(token, "app", "sync", applications.complete)).toMatch(/Phase:\s+Succeeded/);
    expect(await kubectl("get", "pods", "-n", system)).toMatch(/^gpu-scheduler-\S+\s+1\/1\s+Running/m);
    const logs = ["logs", "-n", tests, "-l", "app.kubernetes.io/name=gpu-scheduler-check"];
    expect(await kubectl(...logs)).toMatch(/^Node: node2, CUDA_VISIBLE_DEVICES: GPU-[-0-9a-f]+,GPU-[-0-9a-f]+$/m);
    expect(await kubectl("get", "pods", "-n", tests, "-o", "wide")).toMatch(/gpu-scheduler-check-1\s.*\snode3\s/);
  });
});

describe.skipIf(!inject("local"))("the check's verdict is red for", () => {
  it("a wrong node: labels of nodes are changed, and pods stay where they were", async () => {
    await label({ alpha: nodes.beta, beta: nodes.alpha });
    await bed.red([0, "wrong node"], [1, "wrong node"], [2, "wrong node"]);
    expect((await verdictCommand(stage.cluster)).code).toBe(1);
    await label(nodes);
    await bed.green();
  });

  it("a lost GPU, of which nvidia-smi says that it has fallen off the bus", async () => {
    await bed.machines.set(nodes.beta, { lost: [2] });
    await bed.red([1, "GPU lost"]);
    await bed.machines.set(nodes.beta, {});
    await bed.green();
  });

  it("a foreign process that computes on a GPU of the map", async () => {
    await bed.machines.set(nodes.alpha, { processes: { 1: [{ pid: 4711, name: "/usr/bin/miner", memoryMiB: 800 }] } });
    await bed.red([0, "foreign process"]);
    await bed.machines.set(nodes.alpha, {});
    await bed.green();
  });

  it("a wrong GPU; a pod that is made anew returns to its own", async () => {
    const [first, second] = [
      await bed.devicesOf("gpu-scheduler-check-1"),
      await bed.devicesOf("gpu-scheduler-check-0"),
    ];
    await bed.give("gpu-scheduler-check-0", second.split(",")[0] ?? "");
    await bed.red([0, "wrong GPU"]);
    await bed.makeAnew("gpu-scheduler-check-0");
    await bed.green();
    expect([await bed.devicesOf("gpu-scheduler-check-1"), await bed.devicesOf("gpu-scheduler-check-0")]).toEqual([
      first,
      second,
    ]);
  });

  it("double booking: one pod has the other's GPU", async () => {
    await bed.give("gpu-scheduler-check-1", await bed.devicesOf("gpu-scheduler-check-2"));
    await bed.red([1, "wrong GPU"], [2, "double booked"]);
    await bed.makeAnew("gpu-scheduler-check-1");
    await bed.green();
  });

  it("a missing variable: the webhook was away while a pod was made; Argo CD puts it back", async () => {
    const reconcile = (annotation: string): Promise<string> =>
      kubectl("-n", "argocd", "annotate", "application", applications.scheduler, annotation, "--overwrite");
    await reconcile("argocd.argoproj.io/skip-reconcile=true");
    await kubectl("delete", "mutatingwebhookconfiguration", "gpu-scheduler-webhook");
    await bed.makeAnew("gpu-scheduler-check-1");
    await bed.red([1, "missing variable"]);
    await reconcile("argocd.argoproj.io/skip-reconcile-");
    await bed.told(
      "the webhook to be trusted again",
      () =>
        kubectl(
          "get",
          "mutatingwebhookconfiguration",
          "gpu-scheduler-webhook",
          "-o",
          "jsonpath={..caBundle}",
          "--ignore-not-found",
        ),
      (bundle) => bundle !== "",
    );
    await bed.makeAnew("gpu-scheduler-check-1");
    await bed.green();
  });
});

describe.skipIf(!inject("local"))("the ApplicationSet, deleted,", () => {
  it("takes all of it away", async () => {
    await removeApplications();
    expect(await inTests("get", "statefulsets,deployments", "-o", "name")).toBe("");
    expect(await kubectl("-n", system, "get", "daemonsets,deployments", "-o", "name")).toBe("");
    expect(await exists("get", "mutatingwebhookconfiguration", "gpu-scheduler-webhook")).toBe(false);
  });
});
