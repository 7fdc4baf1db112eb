import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readNodes, readPods } from "./input.ts";
import { readMap } from "./map.ts";
import { planFiles } from "./plan.ts";
import { printPlan } from "./print.ts";

const node = { name: "node1", cpuMilli: 64_000, memoryMiB: 262_144, gpus: 8, model: "A100" };

describe("nodes", () => {
  it.each([
    [{ ...node, cpuMilli: -1 }, "n.json.0.cpuMilli: -1 is not valid (Too small: expected number to be >=0)"],
    [{ ...node, gpus: 1.5 }, "n.json.0.gpus: 1.5 is not valid (Invalid input: expected int, received number)"],
    [{ ...node, gpus: "8" }, 'n.json.0.gpus: "8" is not valid (Invalid input: expected number, received string)'],
    [{ ...node, name: "" }, 'n.json.0.name: "" is not valid (Too small: expected string to have >=1 characters)'],
    [
      { name: "a", gpus: 1 },
      "n.json.0.cpuMilli: undefined is not valid (Invalid input: expected number, received undefined)",
    ],
  ])("of %j are refused", (wrong, message) => {
    expect(() => readNodes([wrong], "n.json")).toThrow(message);
  });

  it("may not be called the same, nor have fields nobody knows", () => {
    expect(() => readNodes([node, node], "n.json")).toThrow('n.json.1.name: "node1" is the name of 0 already');
    expect(() => readNodes([{ ...node, gpu: 8 }], "n.json")).toThrow('Unrecognized key: "gpu"');
    expect(() => readNodes({}, "n.json")).toThrow(
      "n.json: {} is not valid (Invalid input: expected array, received object)",
    );
  });

  it("may be of no model", () => {
    expect(readNodes([{ ...node, model: undefined }], "n.json")).toEqual([{ ...node, model: "" }]);
  });
});

describe("pods", () => {
  it.each([
    [{ name: "a", gpus: -1 }, "p.json.0.gpus: -1 is not valid"],
    [{ name: "a", gpuMilli: 1001 }, "p.json.0.gpuMilli: 1001 is not valid"],
    [{ name: "a", gpus: 1, gpuMilli: 0 }, "p.json.0.gpuMilli: 0 is not from 1 to 1000"],
    [{ name: "a", gpus: 2, gpuMilli: 500 }, "p.json.0.gpuMilli: 500 goes with gpus 1, and this pod has 2"],
    [{ name: "a", gpus: 0, gpuMilli: 500 }, "p.json.0.gpuMilli: 500 goes with gpus 1, and this pod has 0"],
    [{ name: "a", memoryMiB: 0.5 }, "p.json.0.memoryMiB: 0.5 is not valid"],
    [{ name: "a", models: [""] }, 'p.json.0.models.0: "" is not valid'],
    [{ gpus: 1 }, "p.json.0.name: undefined is not valid"],
  ])("such as %j are refused", (wrong, message) => {
    expect(() => readPods([wrong], "p.json")).toThrow(message);
  });

  it.each([
    [{}, { gpus: 0, gpuMilli: 0 }],
    [{ gpuMilli: 500 }, { gpus: 1, gpuMilli: 500 }],
    [{ gpus: 1 }, { gpus: 1, gpuMilli: 1000 }],
    [{ gpus: 2 }, { gpus: 2, gpuMilli: 1000 }],
    [
      { gpus: 8, gpuMilli: 1000 },
      { gpus: 8, gpuMilli: 1000 },
    ],
    [
      { gpus: 0, gpuMilli: 0 },
      { gpus: 0, gpuMilli: 0 },
    ],
  ])("that say %j ask for %j", (said, asked) => {
    expect(readPods([{ name: "a", ...said }], "p.json")).toEqual([
      { name: "a", cpuMilli: 0, memoryMiB: 0, models: [], ...asked },
    ]);
  });
});

describe("a map's file", () => {
  const entries = [
    { entry: 0, podIndex: 0, node: "node1", gpus: [0, 1], share: null },
    { entry: 1, podIndex: 1, node: "node2", gpus: [2], share: null },
  ];

  it.each([
    [
      "YAML",
      'replicaCount: 5\ngpuScheduling:\n  enabled: true\n  schedulingMap:\n    - {podIndex: 0, nodeName: node1, gpuDevices: "0,1"}\n    - {podIndex: 1, nodeName: node2, gpuDevices: 2}\n',
    ],
    [
      "JSON",
      JSON.stringify({
        gpuScheduling: {
          schedulingMap: [
            { podIndex: 0, nodeName: "node1", gpuDevices: "0,1" },
            { podIndex: 1, nodeName: "node2", gpuDevices: "2" },
          ],
        },
      }),
    ],
    ["lines", "0=node1:0,1\n1=node2:2\n"],
    ["lines after a comment", "# two pods\n0=node1:0,1\n1=node2:2"],
    ["one line", "0=node1:0,1;1=node2:2"],
    ["one line with blanks", " 0=node1:0,1 1=node2:2"],
  ])("is read as %s", (_form, text) => {
    expect(readMap(text, "map")).toEqual({ entries, malformed: [] });
  });

  it.each([
    ["", 'map: "" holds no scheduling map'],
    ["a: b: c", "is neither YAML (Nested mappings are not allowed in compact mappings at line 1, column 4:) nor lines"],
    ["gpuScheduling: {}", "map.gpuScheduling.schedulingMap: undefined is not valid"],
    ["gpuScheduling: {schedulingMap: 3}", "map.gpuScheduling.schedulingMap: 3 is not valid"],
  ])("%j is refused", (text, message) => {
    expect(() => readMap(text, "map")).toThrow(message);
  });

  it("says of text that it is malformed", () => {
    expect(readMap("hello", "map").malformed.map(({ type }) => type)).toEqual(["Malformed"]);
  });
});

describe("gpu plan", () => {
  const folder = mkdtempSync(join(tmpdir(), "walras-gpu-"));
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const nodes = write("nodes.json", JSON.stringify([{ ...node, gpus: 1 }]));
  const pods = write(
    "pods.json",
    JSON.stringify([
      { name: "a-0", gpuMilli: 600 },
      { name: "b-1", gpuMilli: 600 },
    ]),
  );

  it("answers without conditions where there is no map", () => {
    const { answer } = planFiles({ nodes, pods });
    expect(answer).toEqual({
      placed: [{ pod: "a-0", node: "node1", gpus: [0] }],
      unplaced: [{ pod: "b-1", reason: "no node of 1 has room: 1 without 600 m of one GPU free" }],
      allocatedGpuMilli: 600,
    });
  });

  it("prints what goes where, what does not, and what is wrong with the map", () => {
    const map = write("map.txt", "1=node9:0");
    const printed = printPlan(planFiles({ nodes, pods, map }).plan);
    expect(printed.split("\n").map((line) => line.replaceAll(/ +/g, " ").trim())).toEqual([
      "POD NODE GPUS WHY",
      "a-0 node1 0",
      "b-1 - - the scheduling map that names it is not valid",
      'map entry 0: UnknownNode: nodeName: "node9" is not a node',
      "1 placed, 1 not, 600 m of GPU allocated",
      "",
    ]);
  });

  it("names the flag that is missing or wrong", () => {
    expect(() => planFiles({ pods })).toThrow("--nodes: undefined must be given");
    expect(() => planFiles({ nodes })).toThrow("--pods: undefined must be given");
    expect(() => planFiles({ nodes, pods, defragment: "-1" })).toThrow('--defragment: "-1" is not a whole number');
  });

  it("says which pods move where that is asked for", () => {
    expect(planFiles({ nodes, pods, defragment: "3" }).answer).toMatchObject({ moves: [], allocatedGpuMilli: 600 });
  });

  it("has less important pods give way, as few as may be, and none for one that never preempts", () => {
    const four = write("four.json", JSON.stringify([{ ...node, gpus: 4 }]));
    const list = write(
      "important.json",
      JSON.stringify([
        { name: "low", gpus: 1, priority: 1 },
        { name: "mid", gpus: 1, priority: 5 },
        { name: "pair", gpus: 2, priority: 2 },
        { name: "polite", gpus: 1, priority: 9, preemptionPolicy: "Never" },
        { name: "urgent", gpus: 1, priority: 9 },
        { name: "equal", gpus: 4, priority: 5 },
      ]),
    );
    const { answer, plan } = planFiles({ nodes: four, pods: list });
    expect(answer.preempted).toEqual([{ pod: "low", by: "urgent" }]);
    expect(answer.placed.map(({ pod }) => pod)).toEqual(["mid", "pair", "urgent"]);
    expect(answer.unplaced.map(({ pod, reason }) => `${pod}: ${reason}`)).toEqual([
      "low: preempted by urgent",
      "polite: no node of 1 has room: 1 without an idle GPU",
      "equal: no node of 1 has room: 1 without 4 idle GPUs",
    ]);
    expect(printPlan(plan)).toContain("low gives way to urgent");
  });

  it("gives MIG instances by their profile, and no GPU that has some", () => {
    const mig = [{ gpu: 0, profiles: ["1g.10gb", "3g.40gb"] }];
    const withMig = write("mig.json", JSON.stringify([{ ...node, gpus: 2, mig }]));
    const list = write(
      "parts.json",
      JSON.stringify([
        { name: "small", mig: "1g.10gb" },
        { name: "late", mig: "1g.10gb", models: ["A100"] },
        { name: "large", mig: "3g.40gb", priority: 1 },
        { name: "other", mig: "3g.40gb", priority: 2 },
        { name: "whole", gpus: 1 },
        { name: "two", gpus: 2 },
      ]),
    );
    const { answer, plan } = planFiles({ nodes: withMig, pods: list });
    expect(answer.placed).toEqual([
      { pod: "small", node: "node1", gpus: ["0:0"] },
      { pod: "other", node: "node1", gpus: ["0:1"] },
      { pod: "whole", node: "node1", gpus: [1] },
    ]);
    expect(answer.unplaced.map(({ pod }) => pod)).toEqual(["late", "large", "two"]);
    expect(answer.unplaced[0]?.reason).toBe("no node has a MIG instance 1g.10gb free, and room beside it");
    expect(printPlan(plan)).toMatch(/small +node1 +0:0/);
  });

  it("puts a pod on the instances that its map names", () => {
    const mig = [{ gpu: 0, profiles: ["1g.10gb", "1g.10gb"] }];
    const withMig = write("mapped.json", JSON.stringify([{ ...node, gpus: 1, mig }]));
    const list = write(
      "mapped-pods.json",
      JSON.stringify([
        { name: "x", mig: "1g.10gb" },
        { name: "a-0", mig: "1g.10gb" },
      ]),
    );
    const { answer } = planFiles({ nodes: withMig, pods: list, map: write("mig.txt", "0=node1:0:0") });
    expect(answer.conditions).toEqual([]);
    expect(answer.placed.map(({ pod, gpus }) => [pod, gpus])).toEqual([
      ["x", ["0:1"]],
      ["a-0", ["0:0"]],
    ]);
  });

  it.each([
    [{ mig: [{ gpu: 1, profiles: ["1g.10gb"] }] }, "mig.0.gpu: 1 is no GPU of the node"],
    [{ mig: [{ gpu: 0, profiles: ["half"] }] }, "is not a MIG profile such as 1g.10gb"],
  ])("refuses instances such as %j", (part, message) => {
    expect(() => readNodes([{ ...node, gpus: 1, ...part }], "n.json")).toThrow(message);
  });

  it("names the file that is not there, or is not JSON", () => {
    expect(() => planFiles({ nodes: join(folder, "none"), pods })).toThrow("cannot be read (ENOENT)");
    expect(() => planFiles({ nodes: write("bad.json", "{"), pods })).toThrow("is not JSON");
  });
});
