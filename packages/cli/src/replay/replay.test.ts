import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Clock, Timer } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Progress } from "../output/progress.ts";
import { readRecording, RecordingFile } from "../record/file.ts";
import type { Frame, RecordedPod } from "../record/frames.ts";
import { record, type RecordSources } from "../record/record.ts";
import { marketCluster, rationed } from "../testing.ts";
import { wantedBy } from "./demand.ts";
import { readPolicy } from "./policy.ts";
import { recordedRow } from "./recorded.ts";
import { replay } from "./replay.ts";
import { recast } from "./scenario.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-record-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Time passes while somebody waits, and no other. */
class LeapingClock implements Clock {
  #nowMs = 0;

  wallMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    this.#nowMs += delayMs;
    const immediate = setImmediate(run);
    return { cancel: () => clearImmediate(immediate) };
  }
}

const silent = new Progress("test", { write: () => true });

function pod(part: Partial<RecordedPod> = {}): RecordedPod {
  const containers = [{ id: "c1", name: "app", requestMilli: 100, limitMilli: 200 }];
  return {
    uid: "u1",
    namespace: "shop",
    name: "web",
    node: "n1",
    managed: true,
    annotations: {},
    askedMilli: 100,
    rationed: false,
    containers,
    ...part,
  };
}

const header: Frame = { kind: "header", version: 1, at: "2026-01-01T00:00:00.000Z", intervalMs: 1_000 };
const nodes: Frame = { kind: "nodes", atMs: 0, nodes: [{ name: "n1", capacityMilli: 4_000, allocatableMilli: 3_800 }] };

async function written(frames: readonly Frame[], name = "file"): Promise<string> {
  const file = join(folder, name);
  const recording = await RecordingFile.create(file, 2 ** 20);
  for (const frame of frames) await recording.write(frame);
  await recording.close();
  return file;
}

describe("walras record", () => {
  it("writes down nodes, pods with what was declared, and what agents report, until the time is over", async () => {
    const cluster = await marketCluster();
    const containers = [{ name: "app", declaredCPURequest: "200m", desiredCPURequest: "100m" }];
    await cluster.managed(
      { name: "hog", annotations: { "mbcas.io/weight": "2", other: "x" } },
      { containers },
      rationed,
    );
    await cluster.pod({ namespace: "other", name: "aside" });
    const clock = new LeapingClock();
    const told = [
      { podUid: "p", containerId: "c1", usageMilli: 90, throttledMilli: 5, ageMs: 10 },
      { podUid: "p", containerId: "old", usageMilli: 1, throttledMilli: 0, ageMs: 60_000 },
    ];
    const demand = (): Promise<unknown> => Promise.resolve({ nodes: [{ node: "n1", containers: told }] });
    const sources: RecordSources = {
      transport: cluster,
      demand,
      clock,
      signal: new AbortController().signal,
      progress: () => undefined,
    };
    const out = join(folder, "recording");
    const options = { out, forMs: 3_000, intervalMs: 1_000, mostBytes: 2 ** 20 };
    expect(await record(options, sources)).toMatchObject({
      file: out,
      seconds: 3,
      frames: 6,
      containers: 1,
      ended: "time",
    });
    const frames = await readRecording(out);
    expect(frames.map(({ kind }) => kind)).toEqual(["header", "nodes", "pods", "use", "use", "use"]);
    const pods = frames.find((frame) => frame.kind === "pods");
    const aside = pods?.pods.find(({ name }) => name === "aside");
    expect([pods?.pods.length, aside?.managed, aside?.rationed]).toEqual([2, false, false]);
    const hog = pods?.pods.find(({ name }) => name === "hog");
    expect(hog).toMatchObject({
      managed: true,
      rationed: true,
      askedMilli: 100,
      annotations: { "mbcas.io/weight": "2" },
      containers: [{ name: "app", requestMilli: 200, limitMilli: null }],
    });
    expect(frames.at(-1)).toMatchObject({ use: [["c1", 90, 5]] });
    await expect(record(options, sources)).rejects.toThrow("--out: ");
  });

  it("is read as far as it goes where it was cut off, and refused where it is something else", async () => {
    const file = await written([header, nodes, { kind: "use", atMs: 0, use: [["c1", 1, 0]] }]);
    const whole = readFileSync(file);
    writeFileSync(join(folder, "cut"), whole.subarray(0, whole.length - 12));
    expect((await readRecording(join(folder, "cut"))).length).toBeGreaterThanOrEqual(2);
    writeFileSync(join(folder, "text"), "hello");
    await expect(readRecording(join(folder, "text"))).rejects.toThrow("cannot be read (Z_DATA_ERROR)");
    await expect(readRecording(join(folder, "none"))).rejects.toThrow("cannot be read (ENOENT)");
    const wrong = await written([{ ...header, intervalMs: -1 }], "wrong");
    await expect(readRecording(wrong)).rejects.toThrow(`${wrong}:1.intervalMs: -1 is not valid`);
  });
});

describe("what a container wanted", () => {
  const use = (atMs: number, ...of: [string, number, number][]): Frame => ({ kind: "use", atMs, use: of });

  it("is what it used and the time that it stood throttled; what is not known is as it was", () => {
    const frames = [use(0), use(1_000, ["c1", 100, 50]), use(2_000), use(3_010, ["c2", 200, 0]), use(4_000)];
    const wanted = wantedBy(frames, 1_000, (id) => (id === "c1" || id === "c2" ? "u1/app" : undefined));
    expect(wanted.get("u1/app")).toEqual([0, 0.15, 0.15, 0.2, 0]);
  });
});

describe("a recording as a scenario", () => {
  it("has each pod on its node as declared, under its own name, and says who came and went", () => {
    const successor = pod({
      uid: "u2-successor",
      containers: [{ id: "c9", name: "app", requestMilli: null, limitMilli: null }],
    });
    const frames: Frame[] = [
      header,
      nodes,
      { kind: "pods", atMs: 0, pods: [pod(), pod({ uid: "u3", name: "stray", node: "gone" })] },
      { kind: "use", atMs: 1_000, use: [["c1", 300, 0]] },
      { kind: "pods", atMs: 2_000, pods: [successor] },
      { kind: "use", atMs: 2_000, use: [["c9", 5_500, 0]] },
    ];
    const { scenario, seconds, warnings } = recast(frames, "file");
    expect([seconds, scenario.nodes[0]]).toMatchObject([2, { name: "n1", cores: 4, reserved: "200m" }]);
    expect(scenario.pods.map(({ name, node }) => [name, node])).toEqual([
      ["web", "n1"],
      ["web-u2-succe", "n1"],
    ]);
    expect(scenario.pods[0]?.containers[0]).toMatchObject({
      requests: { cpu: "100m" },
      limits: { cpu: "200m" },
      load: { parallelism: 4 },
    });
    expect(scenario.pods[1]?.containers[0]).toMatchObject({ requests: {}, load: { parallelism: 6 } });
    expect(warnings).toEqual([
      "2 pods came or went: they are there all the time here, and want nothing while they were not",
    ]);
    expect(() => recast([header, nodes], "file")).toThrow("has no pods on nodes to play");
  });
});

describe("walras replay", () => {
  function throttledFor(seconds: number): Frame[] {
    const frames: Frame[] = [header, nodes];
    for (let second = 0; second < seconds; second += 1) {
      if (second % 5 === 0) frames.push({ kind: "pods", atMs: second * 1_000, pods: [pod({ rationed: second < 10 })] });
      frames.push({ kind: "use", atMs: second * 1_000, use: [["c1", 200, 600]] });
    }
    return frames;
  }

  it("measures what was recorded: throttled, promised, rationed", () => {
    expect(recordedRow(throttledFor(20), 20)).toEqual({
      policy: "as recorded",
      throttledSeconds: 12,
      lostSeconds: null,
      promisedCores: 0.1,
      rationedSeconds: 10,
      resizes: null,
    });
  });

  it("plays it under the usual policy, another and none, side by side", async () => {
    const policy = join(folder, "careful.yaml");
    writeFileSync(policy, "mode: requests\n");
    const usual = { name: "full", flags: ["--mode=full"] };
    const { policies } = await replay(await written(throttledFor(30)), [usual, readPolicy(policy)], silent);
    expect(policies.map((row) => row.policy)).toEqual(["as recorded", "full", "careful.yaml", "as created"]);
    const [recorded, full, careful, created] = policies.map(({ throttledSeconds }) => throttledSeconds);
    expect(recorded).toBeCloseTo(17.4, 1);
    expect(created).toBeGreaterThan(10);
    expect(full).toBeLessThan((created ?? 0) / 3);
    expect(careful).toBeCloseTo(created ?? 0, 0);
  });

  it.each([
    ["speed: 3", "policy.yaml: "],
    ["reserve: 2", "policy.yaml.reserve: 2 is not valid"],
  ])("refuses a policy of %s", (text, complaint) => {
    const file = join(folder, "policy.yaml");
    writeFileSync(file, text);
    expect(() => readPolicy(file)).toThrow(complaint);
  });
});
