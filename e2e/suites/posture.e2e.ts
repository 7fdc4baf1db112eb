import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { Mosquitto } from "@walras/kit/testing";
import { personJpeg } from "@walras/posture/testing";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { BatchJobs, isFinished, scalerAccount, scalerPort, setEligible } from "../harness/batchJobs.ts";
import { analyzerImage } from "../harness/images.ts";
import type { ControllerProgram } from "../harness/programs.ts";
import { StandInPrometheus } from "../harness/prometheus.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const image = "docker.io/walras/posture:e2e";
const nodes = [2, 3];

let stage: Stage;
let jobs: BatchJobs;
let scaler: ControllerProgram;
let prometheus: StandInPrometheus;
let mosquitto: Mosquitto;
let camera: MqttClient;

function walras(...args: string[]): Promise<string> {
  return stage.cluster.walras("posture", ...args, "--namespace", stage.namespace);
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("posture");
  jobs = new BatchJobs(stage);
  await jobs.install();
  mosquitto = await Mosquitto.start("0.0.0.0");
  camera = await mqtt.connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
  prometheus = await StandInPrometheus.start();
  const plane = stage.cluster.target.controlPlane;
  const program = await analyzerImage(image);
  for (const index of nodes) {
    const node = (await plane?.startNode(index)) ?? "";
    await plane?.loadImage(node, program);
    await setEligible(stage, node, "true");
    prometheus.cpu.set(node, 0.1);
  }
  await plane?.startKeda();
  const flags = ["--parts=batch", `--batch-address=0.0.0.0:${scalerPort}`, `--batch-prometheus=${prometheus.url}`];
  scaler = await stage.programs.startController({ mode: "recommend", account: scalerAccount, args: flags });
});

afterAll(async () => {
  if (!stage) return;
  jobs.close();
  const plane = stage.cluster.target.controlPlane;
  await plane?.stopKeda();
  await camera?.endAsync(true);
  await mosquitto?.remove();
  await stage.close();
  prometheus.stop();
  for (const node of nodes) await plane?.stopNode(node);
});

describe.skipIf(!inject("local"))("the posture jobs", () => {
  it("start where there is room, analyze what cameras send, and leave nothing behind", async () => {
    const broker = `${stage.cluster.target.controlPlane?.hostAddressFor("node2")}:${mosquitto.port}`;
    const scalerAddress = `127.0.0.1:${scalerPort}`;
    const what = ["--jobs=3", "--copies=2,3", "--demand=completions=1"];
    const where = [`--image=${image}`, `--broker=${broker}`, `--scaler-address=${scalerAddress}`];
    const told = await walras("up", ...what, ...where);
    expect(told).toContain("scaledjob.keda.sh/posture-analyzer-job-2 created");
    jobs.watchCrowding();
    const picture = await personJpeg();
    const results = new Map<string, string>();
    await eventually(
      "all three to have run",
      async () => {
        await camera.publishAsync("images/pi1", picture, { qos: 1 });
        for (const [name, row] of await rowsOfPods()) results.set(name, row);
        return jobs.list();
      },
      (all) => all.length === 3 && all.every(isFinished),
      180_000,
    );
    expect(jobs.crowded).toEqual([]);
    expect([...results.values()].map((row) => row.split(",").slice(0, 3).join())).toEqual(["2,3,3", "2,3,3", "2,3,3"]);
    const selected = ["-l", "app=posture-analyzer", "--tail=-1", "--ignore-errors"];
    const logs = await stage.cluster.kubectl("-n", stage.namespace, "logs", ...selected);
    expect(logs).toContain('"keypoints":17');

    await scaler.kill("SIGTERM");
    const left = await walras("down", "--labels");
    expect(left).toContain("scaledjob.keda.sh/posture-analyzer-job-0 deleted");
    expect(await jobs.list()).toEqual([]);
    const labels = await stage.cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[*].metadata.labels}");
    expect(labels).not.toMatch(/posture\/(slot|rank)/);
  });
});

/** The second loop's row of each analyzer whose volume is still there. */
async function rowsOfPods(): Promise<[string, string][]> {
  // A volume goes a second or so after the last row is written: kubectl may take longer than that.
  const pods = (await stage.cluster.pods()).filter(({ metadata }) => metadata.namespace === stage.namespace);
  const rows: [string, string][] = [];
  for (const { metadata, spec } of pods) {
    const folder = stage.cluster.emptyDir(spec.nodeName ?? "", metadata.uid, "out");
    for (const index of [0, 1, 2]) {
      const row = await secondRow(join(folder ?? "", `results-${index}.csv`));
      if (row !== undefined) rows.push([metadata.name, row]);
    }
  }
  return rows;
}

async function secondRow(file: string): Promise<string | undefined> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n")[2];
}
