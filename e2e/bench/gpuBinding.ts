// A thousand pods with a GPU each on fake nodes of a real API server: bound by our scheduler, and by kube-scheduler, in turns.
// Both run as they come: ours with its budget of writes, kube-scheduler with its 50 requests a second and bursts of 100.
import { join } from "node:path";

import { publishBench } from "@walras/kit/bench";
import { collectionPath, mergePatch, resources } from "@walras/kube";

import { Cluster } from "../harness/cluster.ts";
import { type Program, Programs } from "../harness/programs.ts";
import { eventually } from "../harness/wait.ts";
import { selectProvider } from "../providers/select.ts";
import { type Bound, mostOnOneNode, rowOf } from "./gpuBinding/rounds.ts";

const podCount = 1_000;
const nodeCount = 130;
const gpusPerNode = 8;
const rounds = 3;
/** Creations at one time. */
const batch = 50;
const withinMs = 240_000;
const schedulers = ["kube-scheduler", "walras"] as const;
const nameOf = { "kube-scheduler": "default-scheduler", walras: "gpu-scheduler" } as const;
const root = join(import.meta.dirname, "..", "..");

type Scheduler = (typeof schedulers)[number];

async function addGpus(cluster: Cluster): Promise<void> {
  const gpus = { "nvidia.com/gpu": String(gpusPerNode) };
  for (let index = 1; index <= nodeCount; index += 1) {
    const name = { namespace: "", name: `kwok-${index}` };
    const target = { resource: resources.node, name, subresource: "status" };
    await mergePatch(cluster.transport, target, { status: { capacity: gpus, allocatable: gpus } });
  }
}

function podOf(name: string, scheduler: Scheduler): { metadata: { name: string }; spec: object } {
  const amount = { cpu: "100m", memory: "64Mi", "nvidia.com/gpu": "1" };
  const limits = { "nvidia.com/gpu": "1" };
  const container = { name: "app", image: "none", resources: { requests: amount, limits } };
  const tolerations = [{ key: "kwok.x-k8s.io/node", operator: "Exists" }];
  return { metadata: { name }, spec: { schedulerName: nameOf[scheduler], tolerations, containers: [container] } };
}

async function createPods(cluster: Cluster, namespace: string, scheduler: Scheduler): Promise<void> {
  for (let first = 0; first < podCount; first += batch)
    await Promise.all(
      Array.from({ length: Math.min(batch, podCount - first) }, (_, index) =>
        cluster.create(resources.pod, namespace, podOf(`p-${first + index}`, scheduler)),
      ),
    );
}

/** Whether a pod of the namespace is on no node: the API server is asked for one of them, and no more. */
async function somebodyWaits(cluster: Cluster, namespace: string): Promise<boolean> {
  const path = collectionPath(resources.pod, namespace);
  const query = { fieldSelector: "spec.nodeName=", limit: "1" };
  const list = await cluster.transport.send({ method: "GET", path, query });
  return (list as { readonly items: readonly unknown[] }).items.length > 0;
}

/** From the first creation to the last binding. */
async function bindAll(cluster: Cluster, scheduler: Scheduler, round: number): Promise<Bound> {
  const namespace = `walras-binding-${round}-${nameOf[scheduler]}`;
  await cluster.createNamespace(namespace);
  const startedMs = performance.now();
  await createPods(cluster, namespace, scheduler);
  const createdMs = performance.now() - startedMs;
  await eventually(
    `${podCount} pods to be bound by ${scheduler}`,
    () => somebodyWaits(cluster, namespace),
    (waits) => !waits,
    withinMs,
  );
  const boundMs = performance.now() - startedMs;
  const pods = (await cluster.pods()).filter(({ metadata }) => metadata.namespace === namespace);
  const most = mostOnOneNode(pods.map(({ spec }) => spec.nodeName ?? ""));
  await remove(cluster, namespace);
  return { scheduler, pods: pods.length, createdMs, boundMs, overbooked: Math.max(0, most - gpusPerNode) };
}

/** The next round finds all GPUs free. */
async function remove(cluster: Cluster, namespace: string): Promise<void> {
  const path = collectionPath(resources.pod, namespace);
  await cluster.transport.send({ method: "DELETE", path, body: { gracePeriodSeconds: 0 } });
  await cluster.kubectl("delete", "namespace", namespace, "--wait=false");
  await eventually(
    "pods to go",
    async () => (await cluster.pods()).filter(({ metadata }) => metadata.namespace === namespace).length,
    (left) => left === 0,
    withinMs,
  );
}

async function startScheduler({ target }: Cluster, programs: Programs): Promise<Program> {
  const flags = ["--parts=gpu", "--namespace=walras-system", "--ops-host=127.0.0.1", "--ops-port=0"];
  const kubeconfig = `--kubeconfig=${target.kubeconfig}`;
  const program = await programs.start("gpu-scheduler", "packages/controller/src/main.ts", [kubeconfig, ...flags]);
  await eventually(
    "the scheduler to start",
    () => program.log(),
    (log) => log.includes("controller started"),
  );
  return program;
}

async function run(cluster: Cluster): Promise<void> {
  const bound: Bound[] = [];
  for (let round = 0; round <= rounds; round += 1)
    for (const scheduler of schedulers) {
      const result = await bindAll(cluster, scheduler, round);
      console.log(round === 0 ? "not counted:" : "", JSON.stringify(result));
      // The first is for caches and compilers.
      if (round > 0) bound.push(result);
    }
  const rows = schedulers.map((scheduler) => rowOf(scheduler, bound));
  const [kube, ours] = rows;
  publishBench(root, {
    name: "gpu-binding",
    command: "pnpm bench gpu-binding",
    rows: rows.map(({ ratePerSecond: _, ...row }) => row),
    ratios: {
      kubeAgainstOurs: Number(((kube?.ratePerSecond ?? 0) / (ours?.ratePerSecond ?? 0)).toFixed(3)),
      unbound: bound.reduce((sum, { pods }) => sum + podCount - pods, 0),
      overbooked: Math.max(...bound.map(({ overbooked }) => overbooked)),
    },
  });
}

const provider = selectProvider({ ...process.env, WALRAS_E2E_PROVIDER: "testbed" });
const cluster = await Cluster.of(await provider.up());
const { controlPlane } = cluster.target;
if (controlPlane === null) throw new Error("no hold of the control plane");
const programs = new Programs(cluster, "gpu-binding");
const removeNodes = await controlPlane.startFakeNodes(nodeCount, 3_600);
try {
  await cluster.install();
  await addGpus(cluster);
  await startScheduler(cluster, programs);
  await run(cluster);
} finally {
  await programs.stopAll();
  await removeNodes();
  await cluster.transport.close();
}
