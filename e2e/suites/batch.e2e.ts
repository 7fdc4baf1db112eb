import { resources } from "@walras/kube";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";

import { isFinished, pollingSeconds, scaledJobOf, setEligible } from "../harness/batchJobs.ts";
import { SlotBed } from "../harness/slotBed.ts";
import { eventually, pause } from "../harness/wait.ts";

let bed: SlotBed;

beforeAll(async () => {
  if (inject("local")) bed = await SlotBed.open("batch");
});

// What a test that failed has left is not to fail the next one too.
afterEach(() => bed?.restore());

afterAll(() => bed?.close());

describe.skipIf(!inject("local"))("batch slots through the real KEDA", () => {
  it("release one job a free node among ten ScaledJobs, and feed the others drip by drip, each once, also when the scaler dies", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `posture-analyzer-job-${index}`);
    for (const name of names) await bed.jobs.create(name, { seconds: 6 });
    await eventually(
      "two jobs",
      () => bed.jobs.unfinished(),
      ({ length }) => length === 2,
      20_000,
    );
    await eventually(
      "one a node",
      () => bed.jobs.nodesInUse(),
      (nodes) => new Set(nodes).size === 2 && nodes.length === 2,
    );
    await eventually(
      "a third",
      () => bed.jobs.list(),
      ({ length }) => length >= 4,
      60_000,
    );
    await bed.scaler.kill("SIGKILL");
    await pause(3_000);
    await bed.startScaler();
    const ran = await eventually(
      "all ten to have run",
      () => bed.jobs.list(),
      (all) => all.length >= 10 && all.every(isFinished),
      150_000,
    );
    await pause(3 * pollingSeconds * 1000);
    const after = await bed.jobs.list();
    const runs = after.map(scaledJobOf);
    expect(new Set(runs)).toEqual(new Set(names));
    expect(runs).toHaveLength(names.length);
    expect(after.length).toBe(ran.length);
    expect(bed.jobs.crowded).toEqual([]);
  });

  it("rank free nodes, and leave out one that is busy", async () => {
    await bed.occupy("node2");
    await bed.free(1);
    for (const name of ["one", "two", "three"]) await bed.jobs.create(name);
    const used = new Set<string>();
    await eventually(
      "all three to have run",
      async () => {
        for (const node of await bed.jobs.nodesInUse()) used.add(node);
        return bed.jobs.list();
      },
      (all) => all.length === 3 && all.every(isFinished),
      120_000,
    );
    expect([...used]).toEqual(["node3"]);
    expect(bed.jobs.crowded).toEqual([]);
    const rank = async (node: string): Promise<string> =>
      bed.stage.cluster.kubectl(
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
  });

  it("pass KEDA's own test of external scalers: thirty by ten is three jobs, then none", async () => {
    await bed.addNode(4);
    await bed.free(3);
    await bed.jobs.create("threshold", { most: 3, seconds: 20, metadata: { metricThreshold: "10", completions: "3" } });
    const made = async (): Promise<readonly string[]> =>
      (await bed.jobs.list()).map((job) => `${job.metadata.name} of ${scaledJobOf(job)}`);
    await eventually("three jobs", made, ({ length }) => length === 3, 120_000);
    await eventually(
      "none",
      () => bed.jobs.unfinished(),
      ({ length }) => length === 0,
      120_000,
    );
    await pause(2 * pollingSeconds * 1000);
    expect(await made()).toHaveLength(3);
    expect(bed.jobs.crowded).toEqual([]);
    await setEligible(bed.stage, "node4", null);
    await eventually(
      "its ranks to be gone",
      () => bed.stage.cluster.kubectl("get", "node", "node4", "-o", "jsonpath={.metadata.labels}"),
      (labels) => !labels.includes("posture/"),
    );
  });

  it("show KEDA an error while CPU is not known, and release nothing", async () => {
    await bed.killAgents();
    await eventually(
      "not known",
      () => bed.slots(),
      ({ told }) => told.split("CPU was last heard of").length === 3,
      40_000,
    );
    await bed.jobs.create("blind");
    await eventually(
      "KEDA's Event",
      () => bed.jobs.messages(),
      (text) => text.includes("CPU is not known of any eligible node"),
      60_000,
    );
    expect(await bed.jobs.list()).toEqual([]);
  });

  it("release suspended jobs without KEDA, one a node", async () => {
    for (const name of ["queued-1", "queued-2", "queued-3"]) {
      await bed.stage.cluster.create(resources.job, bed.stage.namespace, {
        metadata: { name, labels: { app: "posture-queued" } },
        spec: { suspend: true, backoffLimit: 0, activeDeadlineSeconds: 5, template: bed.jobs.template() },
      });
    }
    await eventually(
      "two of three",
      () => bed.jobs.unfinished(),
      ({ length }) => length === 2,
      20_000,
    );
    await eventually(
      "all to have run",
      () => bed.jobs.list(),
      (all) => all.every(isFinished),
      90_000,
    );
    expect(bed.jobs.crowded).toEqual([]);
    expect(await bed.stage.cluster.eventReasons(bed.stage.namespace, "queued-1")).toContain("JobReleased");
  });
});
