import { resources } from "@walras/kube";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";

import { BatchJobs, isFinished, scaledJobOf, scalerAccount, scalerPort, setEligible } from "../harness/batchJobs.ts";
import type { ControllerProgram } from "../harness/programs.ts";
import { StandInPrometheus } from "../harness/prometheus.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const outageMs = 30_000;

let stage: Stage;
let jobs: BatchJobs;
let prometheus: StandInPrometheus;
let controller: ControllerProgram;
let closing = false;

/** As a kubelet would: whatever it ends of, it is started again. */
async function keepScaler(): Promise<void> {
  const where = [`--batch-address=0.0.0.0:${scalerPort}`, `--batch-prometheus=${prometheus.url}`];
  const relief = ["--batch-evict", "--batch-evict-after=5"];
  controller = await stage.programs.startController({
    mode: "recommend",
    account: scalerAccount,
    args: ["--parts=batch", ...where, ...relief],
  });
  void controller.ended.then(() => (closing ? undefined : keepScaler()));
}

const allowed = async (): Promise<{ readonly allowed: number; readonly eligible: readonly string[] }> =>
  JSON.parse(await controller.view("/allowed")) as { allowed: number; eligible: string[] };
const nodesFree = (count: number): Promise<unknown> =>
  eventually(`${count} nodes to be free`, allowed, (now) => now.eligible.length === count, 60_000);
const done = (count: number): Promise<unknown> =>
  eventually(
    `${count} to have run`,
    () => jobs.list(),
    (all) => all.length === count && all.every(isFinished),
    180_000,
  );

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("batch-faults");
  jobs = new BatchJobs(stage);
  await jobs.install();
  await jobs.allowEviction();
  prometheus = await StandInPrometheus.start();
  const plane = stage.cluster.target.controlPlane;
  for (const index of [2, 3]) {
    const node = (await plane?.startNode(index)) ?? "";
    await setEligible(stage, node, "true");
    prometheus.cpu.set(node, 0.1);
  }
  await plane?.startKeda();
  await keepScaler();
  await nodesFree(2);
  jobs.watchCrowding();
});

afterEach(async () => {
  for (const node of ["node2", "node3"]) prometheus.cpu.set(node, 0.1);
  expect(jobs.crowded).toEqual([]);
  await jobs.remove();
});

afterAll(async () => {
  if (!stage) return;
  closing = true;
  jobs.close();
  const plane = stage.cluster.target.controlPlane;
  await plane?.stopKeda();
  await stage.close();
  prometheus.stop();
  for (const node of [2, 3]) await plane?.stopNode(node);
});

describe.skipIf(!inject("local"))("batch slots", () => {
  it("wait while Prometheus is down, which KEDA is told, and go on when it is back", async () => {
    prometheus.down = true;
    await eventually("not to be known", allowed, (now) => now.eligible.length === 0, 60_000);
    await jobs.create("blind");
    await eventually(
      "KEDA's Event",
      () => jobs.messages(),
      (text) => text.includes("Prometheus: Prometheus query"),
      60_000,
    );
    expect(await jobs.list()).toEqual([]);
    prometheus.down = false;
    await done(1);
  });

  it("run each job once while KEDA is restarted and the API server is away for half a minute", async () => {
    const plane = stage.cluster.target.controlPlane;
    const names = Array.from({ length: 6 }, (_, index) => `drip-${index}`);
    for (const name of names) await jobs.create(name);
    await eventually(
      "the first",
      () => jobs.list(),
      ({ length }) => length >= 1,
      60_000,
    );
    await plane?.stopKeda();
    await plane?.startKeda();
    await eventually(
      "the third",
      () => jobs.list(),
      ({ length }) => length >= 3,
      60_000,
    );
    await plane?.outage(outageMs);
    await done(6);
    await pause(10_000);
    const runs = (await jobs.list()).map(scaledJobOf);
    expect(runs).toHaveLength(names.length);
    expect(new Set(runs)).toEqual(new Set(names));
  }, 300_000);

  it("go on running when the kubelet of their node restarts, though the node has no slot any more", async () => {
    const plane = stage.cluster.target.controlPlane;
    await jobs.create("steady", { seconds: 150 });
    const ready = (): Promise<string> =>
      stage.cluster.kubectl(
        "-n",
        stage.namespace,
        "get",
        "pods",
        "-l",
        "app=posture-analyzer",
        "-o",
        "jsonpath={.items[*].metadata.uid} {.items[*].spec.nodeName} {.items[*].status.conditions[?(@.type=='Ready')].status}",
      );
    const before = await eventually("a job to run", ready, (text) => text.endsWith("True"), 60_000);
    const node = before.split(" ")[1] ?? "";
    await eventually(
      "its node to have no slot",
      () => stage.cluster.kubectl("get", "node", node, "-o", "jsonpath={.metadata.labels.posture/rank}"),
      (rank) => rank === "9999",
    );
    await plane?.restartKubelet(Number(node.slice("node".length)));
    await pause(10_000);
    // A node that is not ready for a moment has its pods told not ready, until its kubelet tells of them again.
    await eventually("the same pod to be ready", ready, (text) => text === before);
    expect((await jobs.list()).filter(isFinished)).toEqual([]);
  });

  it("relieve a node that stays overloaded of its job, unless a disruption budget protects it", async () => {
    for (const name of ["protected", "evicted"]) await jobs.create(name, { seconds: 120, labels: { job: name } });
    await eventually(
      "both nodes in use",
      () => jobs.nodesInUse(),
      (nodes) => new Set(nodes).size === 2,
    );
    const budget = { minAvailable: 1, selector: { matchLabels: { job: "protected" } } };
    const budgets = {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      plural: "poddisruptionbudgets",
      namespaced: true,
    };
    await stage.cluster.create(budgets, stage.namespace, { metadata: { name: "protected" }, spec: budget });
    await eventually(
      "the budget to count its pod",
      () =>
        stage.cluster.kubectl(
          "-n",
          stage.namespace,
          "get",
          "pdb",
          "protected",
          "-o",
          "jsonpath={.status.currentHealthy}",
        ),
      (healthy) => healthy === "1",
    );
    for (const node of ["node2", "node3"]) prometheus.cpu.set(node, 0.95);
    const finished = async (): Promise<readonly (string | undefined)[]> =>
      (await jobs.list()).filter(isFinished).map(scaledJobOf);
    await eventually("the other to be evicted", finished, (names) => names.includes("evicted"), 60_000);
    await eventually(
      "a refusal",
      () => controller.log(),
      (log) => log.includes("disruption budget does not allow"),
    );
    expect(await finished()).toEqual(["evicted"]);
    await eventually(
      "an Event",
      () => jobs.messages(),
      (text) => text.includes("has been overloaded for long"),
    );
  });

  it("release a queued job once more that its user has suspended again, and count that in its Event", async () => {
    const { cluster, namespace } = stage;
    await cluster.create(resources.job, namespace, {
      metadata: { name: "again", labels: { app: "posture-queued" } },
      spec: { suspend: true, backoffLimit: 0, activeDeadlineSeconds: 150, template: jobs.template() },
    });
    const released = (times: number): Promise<unknown> =>
      eventually(
        `${times} releases`,
        () => cluster.timesTold(namespace, "again", "JobReleased"),
        (told) => told === times,
        60_000,
      );
    await released(1);
    await eventually(
      "its pod",
      () => jobs.nodesInUse(),
      (nodes) => nodes.length === 1,
    );
    await cluster.kubectl(
      "-n",
      namespace,
      "patch",
      "job",
      "again",
      "--type=merge",
      '--patch={"spec":{"suspend":true}}',
    );
    await released(2);
    await cluster.kubectl("-n", namespace, "delete", "job", "again", "--cascade=foreground");
  });

  it("lose the slot of a node that is deleted under its job, and no other", async () => {
    for (const name of ["long-0", "long-1", "next"]) await jobs.create(name, { seconds: 25 });
    await eventually(
      "both nodes in use",
      () => jobs.nodesInUse(),
      (nodes) => new Set(nodes).size === 2,
    );
    await stage.cluster.kubectl("delete", "node", "node3");
    prometheus.cpu.delete("node3");
    await eventually(
      "one node",
      () => controller.view("/eligible"),
      (text) => !text.includes("node3"),
    );
    await eventually(
      "the third job",
      () => jobs.list(),
      ({ length }) => length === 3,
      120_000,
    );
    // A pod that was just made is on no node yet.
    await eventually(
      "it to run on the node that is left",
      () => jobs.nodesInUse(),
      (nodes) => nodes.filter((node) => node !== "node3").join(" ") === "node2",
    );
    await done(3);
  });
});
