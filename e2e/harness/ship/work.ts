import { gpuSchedulingMapResource } from "@walras/api";
import type { Rng } from "@walras/kit";
import { expect } from "vitest";

import { compare, type GitRepository, liveApplication } from "../argo.ts";
import type { BatchJobs } from "../batchJobs.ts";
import type { Cluster, PodView } from "../cluster.ts";
import type { DoubleMachines } from "../gpuDouble.ts";
import { gpuSet } from "../gpus.ts";
import type { IntentStage } from "../intents.ts";
import { joinLoad, setCores } from "../load.ts";
import type { Stage } from "../stage.ts";
import { eventually, pause } from "../wait.ts";

const withinMs = 120_000;
/** What CARLA releases. */
export const application = "shipped";
/** Of the double. */
const gpus = 8;
const changeMs = 3_000;
const mostCores = 0.3;

/** What the five parts work with. */
export interface World {
  readonly stage: Stage;
  readonly nodes: readonly string[];
  readonly jobs: BatchJobs;
  readonly intents: IntentStage;
  readonly repository: GitRepository;
  readonly machines: DoubleMachines;
}

/** Asks something new of each part, waits until it is done, and takes it away. @param round nothing is asked for twice */
export async function everyPartWorks(world: World, round: number): Promise<void> {
  await Promise.all([
    marketWorks(world, round),
    carlaWorks(world, round),
    batchWorks(world),
    gpuWorks(world, round),
    intentsWork(world, round),
  ]);
}

/** A pod that comes new is given more than it declared. */
async function marketWorks({ stage, nodes }: World, round: number): Promise<void> {
  const { cluster, namespace } = stage;
  for (const node of nodes) {
    const name = `hungry-${round}-${node}`;
    await joinLoad(cluster, { namespace, name, node, cores: 0.2, request: "20m", limit: "50m" });
    const told = await eventually(
      `an allocation of ${name} from what its agent says`,
      () => cluster.allocation(namespace, name),
      (allocation) => allocation?.status?.phase !== undefined,
      withinMs,
    );
    expect(told?.spec.containers?.[0]).toMatchObject({ declaredCPURequest: "20m", declaredCPULimit: "50m" });
    await cluster.deletePod(namespace, name);
  }
}

async function carlaWorks({ stage, repository }: World, round: number): Promise<void> {
  const cm = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shipped}\ndata: {round: "${round}"}\n`;
  const revision = await repository.commit({ "shipped/cm.yaml": cm });
  await compare(stage.cluster, "argocd", application);
  await eventually(
    "CARLA's release",
    async () => (await liveApplication(stage.cluster, "argocd", application)).status,
    (status) => status?.sync?.status === "Synced" && status.history?.at(-1)?.revision === revision,
    withinMs,
  );
}

async function batchWorks({ jobs }: World): Promise<void> {
  const before = new Set((await jobs.list()).map(({ metadata }) => metadata.uid));
  await eventually(
    "another job, by KEDA from our slots",
    () => jobs.list(),
    (all) => all.some(({ metadata }) => !before.has(metadata.uid)),
    withinMs,
  );
}

async function gpuWorks({ stage, machines }: World, round: number): Promise<void> {
  const { cluster, namespace } = stage;
  const name = `trainer-${round}`;
  await cluster.create(gpuSchedulingMapResource, namespace, {
    metadata: { name },
    spec: {
      workload: { kind: "StatefulSet", name },
      rollout: "Keep",
      schedulingMap: [{ podIndex: 0, nodeName: "alpha", gpuDevices: String(round % gpus) }],
    },
  });
  await gpuSet(stage, { name, replicas: 1 });
  const path = "jsonpath={.status.phase} {.metadata.annotations.gpu\\.walras\\.io/devices}";
  await eventually(
    `${name} on its GPU`,
    async () => {
      await machines.refresh();
      return cluster.kubectl("-n", namespace, "get", "pod", `${name}-0`, "-o", path, "--ignore-not-found");
    },
    (told) => /^Running GPU-\S+$/.test(told),
    withinMs,
  );
  await cluster.kubectl("-n", namespace, "delete", "statefulset,gsm", name);
}

async function intentsWork({ stage, intents }: World, round: number): Promise<void> {
  const name = `web-${round}`;
  await intents.serve(name, 1);
  await intents.intent(name, { p99: 0.03, rps: 0 });
  await eventually(
    `more replicas of ${name}`,
    () => intents.replicas(name),
    (count) => count > 1,
    withinMs,
  );
  await intents.forget(name);
  await stage.cluster.kubectl("-n", stage.namespace, "delete", "deployment", name);
}

/** Changes what pods want, until told to stop. */
export async function mixedLoad(
  cluster: Cluster,
  pods: readonly PodView[],
  rng: Rng,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const pod of pods) await setCores(cluster, pod, Math.round(rng() * mostCores * 100) / 100);
    await pause(changeMs);
  }
}
