import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { printReplays, replayAnswer } from "./print.ts";
import { replayTraces } from "./trace.ts";

/** A step of a recording: what was measured, what there was, what was aimed at and what was done. */
type Row = readonly [p99: number, rps: number, pods: number, cpuMilli: number, goal: number, plan: object[] | null];

const scaleOut = (factor: number): object[] => [{ name: "scaleOut", properties: { factor } }];
const scaleCpu = (value: number): object[] => [{ name: "scaleCPU", properties: { value } }];
const rmPod = [{ name: "rmPod", properties: { name: "function-5pqb7" } }];

/** The turns of a service's day, as the prototype's planner took them. */
const service: readonly Row[] = [
  [-1, -1, 1, 500, 100, null],
  [0.99, 0.3, 1, 500, 100, scaleCpu(1_200)],
  [91.214, 12.3, 1, 1_200, 100, null],
  [139.25, 24.3, 1, 1_200, 100, scaleOut(3)],
  [94.386, 24.7, 4, 1_200, 100, null],
  [99.017, 26.1, 4, 1_200, 100, null],
  [49.758, 12.5, 4, 1_200, 100, rmPod],
  [68.25, 12.7, 3, 1_200, 100, rmPod],
  [80.667, 11.7, 2, 1_200, 100, rmPod],
  [69.5, 12.2, 1, 1_200, 100, null],
  [89.75, 12.4, 1, 1_200, 150, scaleCpu(700)],
  [98.949, 12.4, 1, 700, 150, null],
];

/** Made up by the prototype's authors: the second model comes with the third event. */
const fabricated: readonly Row[] = [
  [200, 100, 1, 1_000, 100, null],
  [200, 100, 1, 1_000, 150, scaleCpu(400)],
  [200, 100, 1, 1_000, 100, scaleCpu(7_500)],
];

function eventOf([p99, rps, pods, cpuMilli, goal, plan]: Row): object {
  return {
    name: "default/my-intent",
    timestamp: { $date: "2024-01-30T12:09:49.704Z" },
    current_objectives: { "default/p99latency": p99, "default/throughput": rps },
    desired_objectives: { "default/p99latency": goal, "default/throughput": 0 },
    resources: { "0_cpu_requests": 500, "0_cpu_limits": 500, "1_cpu_requests": cpuMilli, "1_cpu_limits": cpuMilli },
    annotations: {},
    pods: Object.fromEntries(
      Array.from({ length: pods }, (_, index) => [
        `function-${index}`,
        { availability: 1, nodename: "comet0", state: "Running", qosclass: "Burstable" },
      ]),
    ),
    data: [],
    plan,
  };
}

const cpuEffect = (popt: readonly number[]): object => ({
  name: "default/my-intent",
  profileName: "default/p99latency",
  group: "vertical_scaling",
  static: true,
  timestamp: "0",
  data: { latencyRange: [50, 150], cpuRange: [1, 10], popt: [popt] },
});

const replicaEffect = {
  ...cpuEffect([]),
  group: "scaling",
  data: {
    throughputRange: [6.4, 37.2],
    throughputScale: [0.12987012987012986, 0.1688311688311689],
    replicaRange: [1, 4],
    popt: [1.7340978705359251, 0.32188728156949387, 0.02992459259216999, 0.042336575288062825],
  },
};

let folder: string;

function write(name: string, value: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(value));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "intents-trace-"));
  for (const name of ["fabricated", "service"]) mkdirSync(join(folder, name));
  write("defaults.json", { controller: { controller_timeout: 3 }, planner: { astar: { max_states: 2_000 } } });
  write("scale_out.json", { interpreter: "echo", analytics_script: "", max_pods: 10, look_back: 20 });
  write("cpu_scale.json", { cpu_max: 4_000, cpu_rounding: 100, cpu_safeguard_factor: 0.95, boost_factor: 1 });
  write("fabricated/events.json", fabricated.map(eventOf));
  write("fabricated/effects.json", [cpuEffect([100, 0.2, 50]), cpuEffect([100, 0.2, 50]), cpuEffect([200, 0.2, 50])]);
  write("service/events.json", service.map(eventOf));
  write("service/effects.json", [
    cpuEffect([248.69930654974348, 1.8325502392260382, 66.53386004054035]),
    replicaEffect,
  ]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("walras intent plan --trace", () => {
  it("gives the plans that were recorded, pod names aside", () => {
    const replays = replayTraces(folder);
    expect(replays.map(({ trace, warnings }) => [trace, warnings])).toEqual([
      ["fabricated", []],
      ["service", []],
    ]);
    const differing = replays.flatMap(({ events }) => events.filter(({ same }) => !same));
    expect(differing).toEqual([]);
    expect(replays.map(({ events }) => events.length)).toEqual([3, 12]);
  });

  it("takes one recording, with the configurations in the folder above", () => {
    const [replay, ...others] = replayTraces(join(folder, "service"));
    expect(others).toEqual([]);
    const plans = replay?.events.map(({ decision }) => decision.plan.map(({ name }) => name).join());
    const acted = ["", "scaleCPU", "", "scaleOut", "", "", "rmPod", "rmPod", "rmPod", "", "scaleCPU", ""];
    expect(plans).toEqual(acted);
  });

  it("holds where nothing was measured, and prints a line for each event", () => {
    const text = printReplays(replayTraces(folder));
    expect(text).toContain(
      "service: 12 of 12 as recorded\n    0  Unknown     nothing\n    1  Planned     scaleCPU value=1200\n",
    );
    expect(replayAnswer(replayTraces(folder))).toMatchObject([
      { trace: "fabricated", same: true, events: [{ event: 0, plan: [] }, { event: 1 }, { plan: scaleCpu(7_500) }] },
      { trace: "service", same: true },
    ]);
  });

  it("tells of plans that differ", () => {
    mkdirSync(join(folder, "other", "one"), { recursive: true });
    write("other/one/events.json", [service[0]!, [139.25, 24.3, 1, 1_200, 100, scaleOut(2)] as Row].map(eventOf));
    write("other/one/effects.json", [replicaEffect]);
    expect(printReplays(replayTraces(join(folder, "other")))).toContain(
      "scaleOut factor=3  (recorded: scaleOut factor=2)",
    );
  });

  it("names what is wrong with a recording", () => {
    expect(() => replayTraces(join(folder, "nowhere"))).toThrow("holds no events.json");
    mkdirSync(join(folder, "broken", "one"), { recursive: true });
    write("broken/one/events.json", [{ name: "x" }]);
    expect(() => replayTraces(join(folder, "broken"))).toThrow('events.json.0.name: "x" is not valid');
  });
});

const recordings = process.env["WALRAS_IDO_TRACES"];

describe.skipIf(recordings === undefined)("the prototype's own recordings", () => {
  it("give the plans that were recorded, pod names aside", () => {
    const replays = replayTraces(recordings ?? "");
    expect(replays.length).toBeGreaterThan(0);
    expect(replays.flatMap(({ trace, events }) => events.map(({ event, same }) => [trace, event, same]))).toEqual(
      replays.flatMap(({ trace, events }) => events.map(({ event }) => [trace, event, true])),
    );
  });
});
