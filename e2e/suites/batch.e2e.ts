import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { selfSigned } from "@walras/kit/testing";
import { resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { BatchJobs, isFinished, pollingSeconds, scaledJobOf, scalerPort, setEligible } from "../harness/batchJobs.ts";
import { startLoad } from "../harness/load.ts";
import type { ControllerProgram, Program } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

let stage: Stage;
let jobs: BatchJobs;
let controller: ControllerProgram;
const agents = new Map<string, Program>();

async function startScaler(args: readonly string[] = []): Promise<void> {
  controller = await stage.programs.startController({
    mode: "recommend",
    address: "127.0.0.1:18443",
    args: ["--parts=market,batch", `--batch-address=0.0.0.0:${scalerPort}`, "--batch-threshold=0.40", ...args],
  });
}

async function startAgent(node: string): Promise<void> {
  agents.set(node, await stage.programs.startAgent(node, [controller]));
}

/** A node that jobs may go to, and that knows how busy it is. */
async function addNode(index: number): Promise<void> {
  const node = (await stage.cluster.target.controlPlane?.startNode(index)) ?? "";
  await setEligible(stage, node, "true");
  // Nodes that share a machine are told apart by their pods.
  const idle = { namespace: stage.namespace, cores: 0, labels: { "mbcas.io/managed": "false" } };
  await startLoad(stage.cluster, { ...idle, name: `idle-${node}`, node });
  await startAgent(node);
}

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
  jobs = new BatchJobs(stage);
  await jobs.install();
  await stage.cluster.target.controlPlane?.startKeda();
  await startScaler();
  for (const index of [2, 3]) await addNode(index);
  await free(2);
  jobs.watchCrowding();
});

afterAll(async () => {
  if (!stage) return;
  jobs.close();
  await jobs.remove().catch(() => undefined);
  const plane = stage.cluster.target.controlPlane;
  await plane?.stopKeda();
  await stage.close();
  // What goes on running takes from the machine that the other suites measure.
  for (const node of [2, 3, 4]) await plane?.stopNode(node);
});

describe.skipIf(!inject("local"))("batch slots through the real KEDA", () => {
  it("release one job a free node among ten ScaledJobs, and feed the others drip by drip, each once, also when the scaler dies", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `posture-analyzer-job-${index}`);
    for (const name of names) await jobs.create(name, { seconds: 6 });
    await eventually(
      "two jobs",
      () => jobs.unfinished(),
      ({ length }) => length === 2,
      20_000,
    );
    await eventually(
      "one a node",
      () => jobs.nodesInUse(),
      (nodes) => new Set(nodes).size === 2 && nodes.length === 2,
    );
    await eventually(
      "a third",
      () => jobs.list(),
      ({ length }) => length >= 4,
      60_000,
    );
    await controller.kill("SIGKILL");
    await pause(3_000);
    await startScaler();
    const ran = await eventually(
      "all ten to have run",
      () => jobs.list(),
      (all) => all.length >= 10 && all.every(isFinished),
      150_000,
    );
    await pause(3 * pollingSeconds * 1000);
    const after = await jobs.list();
    const runs = after.map(scaledJobOf);
    expect(new Set(runs)).toEqual(new Set(names));
    expect(runs).toHaveLength(names.length);
    expect(after.length).toBe(ran.length);
    expect(jobs.crowded).toEqual([]);
    await jobs.remove();
  });

  it("rank free nodes, and leave out one that is busy", async () => {
    const labels = { "mbcas.io/managed": "false" };
    await startLoad(stage.cluster, { namespace: stage.namespace, name: "busy", node: "node2", cores: 1.2, labels });
    await free(1);
    for (const name of ["one", "two", "three"]) await jobs.create(name);
    const used = new Set<string>();
    await eventually(
      "all three to have run",
      async () => {
        for (const node of await jobs.nodesInUse()) used.add(node);
        return jobs.list();
      },
      (all) => all.length === 3 && all.every(isFinished),
      120_000,
    );
    expect([...used]).toEqual(["node3"]);
    expect(jobs.crowded).toEqual([]);
    const rank = async (node: string): Promise<string> =>
      stage.cluster.kubectl(
        "get",
        "node",
        node,
        "-o",
        "jsonpath={.metadata.labels.posture/slot},{.metadata.labels.posture/rank}",
      );
    await eventually(
      "ranks",
      async () => [await rank("node2"), await rank("node3")],
      ([two, three]) => two === ",9999" && three === "slot-1,1",
      30_000,
    );
    await stage.cluster.deletePod(stage.namespace, "busy");
    await jobs.remove();
  });

  it("pass KEDA's own test of external scalers: thirty by ten is three jobs, then none", async () => {
    await addNode(4);
    await free(3);
    await jobs.create("threshold", { most: 3, seconds: 20, metadata: { metricThreshold: "10", completions: "3" } });
    await eventually(
      "three jobs",
      () => jobs.list(),
      ({ length }) => length === 3,
      120_000,
    );
    await eventually(
      "none",
      () => jobs.unfinished(),
      ({ length }) => length === 0,
      120_000,
    );
    await pause(2 * pollingSeconds * 1000);
    expect((await jobs.list()).length).toBe(3);
    expect(jobs.crowded).toEqual([]);
    await jobs.remove();
    await setEligible(stage, "node4", null);
    await eventually(
      "its ranks to be gone",
      () => stage.cluster.kubectl("get", "node", "node4", "-o", "jsonpath={.metadata.labels}"),
      (labels) => !labels.includes("posture/"),
    );
  });

  it("show KEDA an error while CPU is not known, and release nothing", async () => {
    for (const agent of agents.values()) await agent.kill("SIGKILL");
    await eventually("not known", slots, ({ told }) => told.split("CPU was last heard of").length === 3, 40_000);
    await jobs.create("blind");
    await eventually(
      "KEDA's Event",
      () => jobs.messages(),
      (text) => text.includes("CPU is not known of any eligible node"),
      60_000,
    );
    expect(await jobs.list()).toEqual([]);
    await jobs.remove();
    for (const node of ["node2", "node3"]) await startAgent(node);
    await free(2);
  });

  it("release suspended jobs without KEDA, one a node", async () => {
    for (const name of ["queued-1", "queued-2", "queued-3"]) {
      await stage.cluster.create(resources.job, stage.namespace, {
        metadata: { name, labels: { app: "posture-queued" } },
        spec: { suspend: true, backoffLimit: 0, activeDeadlineSeconds: 5, template: jobs.template() },
      });
    }
    await eventually(
      "two of three",
      () => jobs.unfinished(),
      ({ length }) => length === 2,
      20_000,
    );
    await eventually(
      "all to have run",
      () => jobs.list(),
      (all) => all.every(isFinished),
      90_000,
    );
    expect(jobs.crowded).toEqual([]);
    expect(await stage.cluster.eventReasons(stage.namespace, "queued-1")).toContain("JobReleased");
  });

  it("speak TLS to a KEDA that shows its certificate, and to no other", async () => {
    const { folder } = stage.programs;
    const keda = await selfSigned("keda");
    const clientCa = join(folder, "keda.crt");
    await writeFile(clientCa, keda.cert);
    await controller.kill("SIGTERM");
    const own = [`--batch-tls-cert=${join(folder, "tls.crt")}`, `--batch-tls-key=${join(folder, "tls.key")}`];
    await startScaler([...own, `--batch-tls-client-ca=${clientCa}`]);
    await free(2);
    const caCert = await readFile(join(folder, "ca.crt"), "utf8");
    await jobs.authenticate("scaler-tls", { caCert, tlsClientCert: keda.cert, tlsClientKey: keda.key });
    const metadata = { scalerAddress: `localhost:${scalerPort}` };
    await jobs.create("stranger", { metadata });
    await jobs.create("known", { metadata, authentication: "scaler-tls" });
    await eventually(
      "the known one's job",
      () => jobs.list(),
      (all) => all.some((job) => scaledJobOf(job) === "known" && isFinished(job)),
      60_000,
    );
    // KEDA tells nobody of a scaler that it cannot speak to (what it wants to know first fails in silence).
    await pause(2 * pollingSeconds * 1000);
    expect((await jobs.list()).map(scaledJobOf)).not.toContain("stranger");
    await jobs.remove();
  });
});
