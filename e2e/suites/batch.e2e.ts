import { join } from "node:path";

import { mergePatch, resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import type { ControllerProgram, Program } from "../harness/programs.ts";
import { startLoad } from "../harness/load.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const root = join(import.meta.dirname, "..", "..");
const scaledJobs = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledJob", plural: "scaledjobs", namespaced: true };
const scalerPort = 18_090;
const pollingSeconds = 3;

interface Job {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly suspend?: boolean };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

let stage: Stage;
let controller: ControllerProgram;
let agents: Program[] = [];
/** Jobs that were ever seen unfinished on each node together. */
const crowded: string[] = [];
const watching = new AbortController();

const list = async <T>(kind: "jobs" | "pods"): Promise<readonly T[]> => {
  const path = `${kind === "jobs" ? "/apis/batch/v1" : "/api/v1"}/namespaces/${stage.namespace}/${kind}`;
  return ((await stage.cluster.transport.send({ method: "GET", path })) as { items: T[] }).items;
};
const isFinished = ({ status }: Job): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: is }) => (type === "Complete" || type === "Failed") && is === "True",
  );
const unfinished = async (): Promise<readonly Job[]> =>
  (await list<Job>("jobs")).filter((job) => !isFinished(job) && job.spec.suspend !== true);

async function nodesInUse(): Promise<string[]> {
  const pods = (await list<Pod>("pods")).filter(
    ({ metadata, status }) =>
      (metadata.ownerReferences ?? []).some(({ kind }) => kind === "Job") &&
      (status?.phase === "Pending" || status?.phase === "Running"),
  );
  return pods.flatMap(({ spec }) => spec.nodeName ?? []);
}

/** Notes whenever a node has two jobs. */
async function watchCrowding(): Promise<void> {
  while (!watching.signal.aborted) {
    const nodes = await nodesInUse().catch(() => []);
    for (const node of new Set(nodes)) if (nodes.filter((other) => other === node).length > 1) crowded.push(node);
    await pause(200);
  }
}

async function startScaler(): Promise<void> {
  controller = await stage.programs.startController({
    mode: "recommend",
    address: "127.0.0.1:18443",
    args: ["--parts=market,batch", `--batch-address=0.0.0.0:${scalerPort}`, "--batch-threshold=0.40"],
  });
}

/** A ScaledJob as the posture jobs are, whose job burns a little and is ended after a while. */
function scaledJob(
  name: string,
  options: { most?: number; seconds?: number; metadata?: Record<string, string> } = {},
): Record<string, unknown> {
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "posture/eligible", operator: "In", values: ["true"] }] }],
      },
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          preference: { matchExpressions: [{ key: "posture/slot", operator: "In", values: ["slot-1"] }] },
        },
        { weight: 90, preference: { matchExpressions: [{ key: "posture/slot", operator: "In", values: ["slot-2"] }] } },
      ],
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "posture-analyzer" } } },
      ],
    },
  };
  return {
    metadata: { name },
    spec: {
      pollingInterval: pollingSeconds,
      maxReplicaCount: options.most ?? 1,
      rollout: { strategy: "gradual" },
      jobTargetRef: {
        backoffLimit: 0,
        activeDeadlineSeconds: options.seconds ?? 4,
        template: {
          metadata: { labels: { app: "posture-analyzer" } },
          spec: {
            affinity,
            restartPolicy: "Never",
            terminationGracePeriodSeconds: 0,
            containers: [
              { name: "analyzer", image: stage.cluster.target.loadImage, imagePullPolicy: "Never", args: ["0.05"] },
            ],
          },
        },
      },
      triggers: [
        {
          type: "external",
          metadata: {
            scalerAddress: `127.0.0.1:${scalerPort}`,
            metricName: "available_node_count_30s",
            completions: "1",
            ...options.metadata,
          },
        },
      ],
    },
  };
}

async function removeJobs(): Promise<void> {
  await stage.cluster.kubectl("-n", stage.namespace, "delete", "scaledjobs", "--all");
  await stage.cluster.kubectl("-n", stage.namespace, "delete", "jobs", "--all", "--cascade=foreground");
  await eventually(
    "the jobs to be gone",
    () => list<Pod>("pods"),
    (pods) => pods.every(({ metadata }) => metadata.ownerReferences === undefined),
    60_000,
  );
}

const eligible = (node: string, value: "true" | null): Promise<unknown> =>
  mergePatch(
    stage.cluster.transport,
    { resource: resources.node, name: { namespace: "", name: node } },
    { metadata: { labels: { "posture/eligible": value } } },
  );

/** Free nodes, and what is told of each. */
async function slots(): Promise<{ readonly free: number; readonly told: string }> {
  const told = await controller.view("/eligible");
  const { nodes } = JSON.parse(told) as { nodes: readonly { readonly state: string }[] };
  return { free: nodes.filter(({ state }) => state === "free").length, told };
}

const free = (count: number): Promise<unknown> =>
  eventually(`${count} nodes to be free`, slots, (now) => now.free === count, 90_000);

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("batch");
  const { cluster, programs } = stage;
  await cluster.kubectl("apply", "-f", join(root, "deploy", "batch", "namespace.yaml"));
  await cluster.kubectl("-n", "posture", "apply", "-f", join(root, "deploy", "batch", "rbac.yaml"));
  await cluster.target.controlPlane?.startNode(2);
  await cluster.target.controlPlane?.startNode(3);
  await cluster.target.controlPlane?.startKeda();
  await startScaler();
  const idle = { namespace: stage.namespace, cores: 0, labels: { "mbcas.io/managed": "false" } };
  for (const node of ["node2", "node3"]) {
    await eligible(node, "true");
    // Nodes that share a machine are told apart by their pods.
    await startLoad(cluster, { ...idle, name: `idle-${node}`, node });
    agents.push(await programs.startAgent(node, [controller]));
  }
  await free(2);
  void watchCrowding();
});

afterAll(async () => {
  if (!stage) return;
  watching.abort();
  await removeJobs().catch(() => undefined);
  const plane = stage.cluster.target.controlPlane;
  await plane?.stopKeda();
  await stage.close();
  // What goes on running takes from the machine that the other suites measure.
  for (const node of [2, 3]) await plane?.stopNode(node);
});

describe.skipIf(!inject("local"))("batch slots through the real KEDA", () => {
  it("release one job a free node among ten ScaledJobs, and feed the others drip by drip, each once, also when the scaler dies", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `posture-analyzer-job-${index}`);
    for (const name of names) await stage.cluster.create(scaledJobs, stage.namespace, scaledJob(name));
    await eventually("two jobs", unfinished, (jobs) => jobs.length === 2, 3 * pollingSeconds * 1000);
    await eventually("one a node", nodesInUse, (nodes) => new Set(nodes).size === 2 && nodes.length === 2);
    await eventually(
      "a third",
      () => list<Job>("jobs"),
      (jobs) => jobs.length >= 4,
      60_000,
    );
    await controller.kill("SIGKILL");
    await pause(3_000);
    await startScaler();
    const jobs = await eventually(
      "all ten to have run",
      () => list<Job>("jobs"),
      (all) => all.length >= 10 && all.every(isFinished),
      150_000,
    );
    await pause(3 * pollingSeconds * 1000);
    const after = await list<Job>("jobs");
    const runs = after.map(({ metadata }) => metadata.labels?.["scaledjob.keda.sh/name"]);
    expect(new Set(runs)).toEqual(new Set(names));
    expect(runs).toHaveLength(names.length);
    expect(after.length).toBe(jobs.length);
    expect(crowded).toEqual([]);
    await removeJobs();
  });

  it("rank free nodes, and leave out one that is busy", async () => {
    const load = {
      namespace: stage.namespace,
      name: "busy",
      node: "node2",
      cores: 1.2,
      labels: { "mbcas.io/managed": "false" },
    };
    await startLoad(stage.cluster, load);
    await free(1);
    for (const name of ["one", "two", "three"])
      await stage.cluster.create(scaledJobs, stage.namespace, scaledJob(name));
    const used = new Set<string>();
    await eventually(
      "all three to have run",
      async () => {
        for (const node of await nodesInUse()) used.add(node);
        return list<Job>("jobs");
      },
      (jobs) => jobs.length === 3 && jobs.every(isFinished),
      120_000,
    );
    expect([...used]).toEqual(["node3"]);
    expect(crowded).toEqual([]);
    const labels = async (node: string): Promise<string> =>
      stage.cluster.kubectl(
        "get",
        "node",
        node,
        "-o",
        "jsonpath={.metadata.labels.posture/slot},{.metadata.labels.posture/rank}",
      );
    await eventually(
      "ranks",
      async () => [await labels("node2"), await labels("node3")],
      ([two, three]) => two === ",9999" && three === "slot-1,1",
      30_000,
    );
    await stage.cluster.deletePod(stage.namespace, "busy");
    await removeJobs();
  });

  it("give KEDA its own example: a threshold of ten, three jobs, then none", async () => {
    await free(2);
    const metadata = { metricThreshold: "10", completions: "2" };
    await stage.cluster.create(scaledJobs, stage.namespace, scaledJob("threshold", { most: 3, seconds: 10, metadata }));
    await eventually("two jobs", unfinished, (jobs) => jobs.length === 2, 60_000);
    await eventually("none", unfinished, (jobs) => jobs.length === 0, 120_000);
    await pause(2 * pollingSeconds * 1000);
    expect((await list<Job>("jobs")).length).toBe(2);
    await removeJobs();
  });

  it("show KEDA an error while CPU is not known, and release nothing", async () => {
    for (const agent of agents) await agent.kill("SIGKILL");
    agents = [];
    await eventually("not known", slots, ({ told }) => told.split("CPU was last heard of").length === 3, 40_000);
    await stage.cluster.create(scaledJobs, stage.namespace, scaledJob("blind"));
    await eventually(
      "KEDA's Event",
      () => stage.cluster.kubectl("-n", stage.namespace, "get", "events", "-o", "jsonpath={.items[*].message}"),
      (text) => text.includes("CPU is not known of any eligible node"),
      60_000,
    );
    expect(await list<Job>("jobs")).toEqual([]);
    await stage.cluster.kubectl("-n", stage.namespace, "delete", "scaledjobs", "--all");
    for (const node of ["node2", "node3"]) agents.push(await stage.programs.startAgent(node, [controller]));
    await free(2);
  });

  it("release suspended jobs without KEDA, one a node", async () => {
    for (const name of ["queued-1", "queued-2", "queued-3"]) {
      const template = (scaledJob(name)["spec"] as { jobTargetRef: { template: object } }).jobTargetRef.template;
      await stage.cluster.create(resources.job, stage.namespace, {
        metadata: { name, labels: { app: "posture-queued" } },
        spec: { suspend: true, backoffLimit: 0, activeDeadlineSeconds: 5, template },
      });
    }
    await eventually("two of three", unfinished, (jobs) => jobs.length === 2, 20_000);
    await eventually(
      "all to have run",
      () => list<Job>("jobs"),
      (jobs) => jobs.every(isFinished),
      90_000,
    );
    expect(crowded).toEqual([]);
    expect(await stage.cluster.eventReasons(stage.namespace, "queued-1")).toContain("JobReleased");
  });
});
