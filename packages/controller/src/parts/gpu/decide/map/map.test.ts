import { describe, expect, it } from "vitest";

import { plan, type Plan } from "../plan.ts";
import type { GpuNode, GpuPod } from "../snapshot.ts";
import { podOf } from "../testing.ts";
import type { SchedulingMap } from "./entry.ts";
import { readMapList, readMapText } from "./read.ts";

const nodes: readonly GpuNode[] = ["node1", "node2", "node3", "node4"].map((name, index) => ({
  name,
  cpuMilli: 4000,
  memoryMiB: 8192,
  gpus: 4,
  model: index < 2 ? "A100" : "T4",
}));

const check = (...gpus: readonly number[]): GpuPod[] =>
  gpus.map((count, index) => podOf(`check-${index}`, { gpus: count }));

const planned = (map: SchedulingMap, pods: readonly GpuPod[]): Plan => plan({ nodes, pods, map });

describe("a scheduling map", () => {
  it("puts pods where it says, in both forms", () => {
    const placed = [
      { pod: "check-0", node: "node1", gpus: [0, 1] },
      { pod: "check-1", node: "node2", gpus: [2] },
      { pod: "check-2", node: "node3", gpus: [0, 1, 2] },
    ];
    const list = [
      { podIndex: 0, nodeName: "node1", gpuDevices: "0,1" },
      { podIndex: 1, nodeName: "node2", gpuDevices: 2 },
      { podIndex: 2, nodeName: "node3", gpuDevices: "2, 0,1" },
    ];
    const text = "0=node1:0,1\n# the second\n1=node2:2; 2=node3:0,1,2\n";
    for (const map of [readMapList(list), readMapText(text)])
      expect(planned(map, check(2, 1, 3))).toEqual({
        placed,
        unplaced: [],
        preempted: [],
        allocatedGpuMilli: 6000,
        conditions: [],
        moves: [],
      });
  });

  it("is read in one pass, however many blanks it holds", () => {
    const blanks = " ".repeat(200_000);
    expect(readMapText(`0=node1:0${blanks}1=node1:1\n#${blanks}none\n${blanks}\n2=node1:2`).entries).toHaveLength(3);
  });

  it("keeps the GPUs of pods that have yet to come", () => {
    const { placed } = planned(readMapText("7=node1:0,1,2,3"), [podOf("other", { models: ["A100"] })]);
    expect(placed).toEqual([{ pod: "other", node: "node2", gpus: [0] }]);
  });

  it.each([
    ["UnknownNode", "0=node9:0", 'nodeName: "node9" is not a node'],
    ["UnknownGpu", "0=node1:4", "gpuDevices: 4 is not a GPU of node1, which has 0 to 3"],
    ["WrongCount", "0=node1:0,1", "gpuDevices: 2 GPUs for check-0, which asks for 1"],
    ["IndexTwice", "0=node1:0\n0=node1:1", "podIndex: 0 stands in entry 0 already"],
    ["DoubleBooking", "0=node1:3\n1=node1:3", "gpuDevices: 3 of node1 has 0 m left, the rest is of entry 0"],
    ["Malformed", "0=node1:0\nnonsense", '"nonsense" is not of the form 0=node1:0,1'],
    ["Malformed", "0=node1:x", 'gpuDevices: "x" is not a list of GPU numbers such as "0,1"'],
    ["Malformed", "0=node1:", 'gpuDevices: "" is not a list of GPU numbers such as "0,1"'],
    ["Malformed", "0=node1:1,1", 'gpuDevices: "1,1" names a GPU twice'],
    ["Malformed", "0=:1", 'nodeName: "" is no name'],
    ["Malformed", "-1=node1:1", 'podIndex: "-1" is not a whole number from 0 to 1000000'],
    ["Malformed", "0=node1:1@", 'share: "" is no name'],
  ])("names %s of %j, and places nobody whom it names", (type, text, message) => {
    const { conditions, placed, unplaced } = planned(readMapText(text), check(1, 1, 1));
    expect(conditions.map((one) => [one.type, one.message])).toEqual([[type, message]]);
    const named = new Set(text.split("\n").map((line) => `check-${/^\d+/.exec(line)?.[0]}`));
    expect(placed.filter(({ pod }) => named.has(pod))).toEqual([]);
    expect(placed.length + unplaced.length).toBe(3);
    for (const { reason } of unplaced) expect(reason).toBe("the scheduling map that names it is not valid");
  });

  it.each([
    [null, "null is no entry"],
    [{ podIndex: 0, nodeName: "node1", gpuDevices: "0", gpu: 1 }, "gpu is not a field of an entry"],
    [{ podIndex: 0.5, nodeName: "node1", gpuDevices: "0" }, "podIndex: 0.5 is not a whole number from 0 to 1000000"],
    [{ podIndex: 0, gpuDevices: "0" }, "nodeName: nothing is no name"],
    [{ podIndex: 0, nodeName: "node1" }, 'gpuDevices: nothing is not a list of GPU numbers such as "0,1"'],
    [{ podIndex: 0, nodeName: "node1", gpuDevices: -1 }, 'gpuDevices: -1 is not a list of GPU numbers such as "0,1"'],
    [{ podIndex: 0, nodeName: "node1", gpuDevices: "0", share: 3 }, "share: 3 is no name"],
  ])("names what is malformed of %j", (entry, message) => {
    const good = { podIndex: 1, nodeName: "node1", gpuDevices: "0" };
    const { malformed, entries } = readMapList([entry, good]);
    expect(malformed.map((one) => [one.entry, one.type, one.message])).toEqual([[0, "Malformed", message]]);
    expect(entries.map(({ podIndex }) => podIndex)).toEqual([1]);
  });

  it("says which pods have the same ordinal", () => {
    const { conditions, unplaced } = planned(readMapText("0=node1:0"), [podOf("a-0"), podOf("b-0")]);
    expect(conditions).toEqual([
      { type: "AmbiguousPod", entry: 0, podIndex: 0, message: "podIndex: 0 is the ordinal of a-0, b-0" },
    ]);
    expect(unplaced.map(({ pod }) => pod)).toEqual(["a-0", "b-0"]);
  });

  it("holds models, CPU and memory as every placement does", () => {
    const bound = [podOf("a-0", { models: ["T4"] })];
    expect(planned(readMapText("0=node1:0"), bound).conditions.map(({ type }) => type)).toEqual(["WrongModel"]);
    const large = [podOf("a-0", { cpuMilli: 3000 }), podOf("a-1", { cpuMilli: 3000 })];
    const { conditions } = planned(readMapText("0=node1:0\n1=node1:1"), large);
    expect(conditions.map(({ type, entry }) => [type, entry])).toEqual([["NoRoom", 1]]);
  });

  it("lets pods have a GPU together by gpuMilli", () => {
    const pods = [podOf("a-0", { gpuMilli: 600 }), podOf("a-1", { gpuMilli: 400 })];
    const map = readMapText("0=node4:3\n1=node4:3");
    expect(planned(map, pods)).toMatchObject({ conditions: [], allocatedGpuMilli: 1000 });
    const tooMuch = [podOf("a-0", { gpuMilli: 600 }), podOf("a-1", { gpuMilli: 500 })];
    expect(planned(map, tooMuch).conditions.map(({ type }) => type)).toEqual(["DoubleBooking"]);
  });

  it("lets pods have a GPU together by name, and counts it once", () => {
    const shared = readMapText("0=node4:3@team\n1=node4:3@team");
    const { placed, conditions, allocatedGpuMilli } = planned(shared, check(1, 1));
    expect({ placed: placed.map(({ gpus }) => gpus), conditions, allocatedGpuMilli }).toEqual({
      placed: [[3], [3]],
      conditions: [],
      allocatedGpuMilli: 1000,
    });
    const others = readMapText("0=node4:3@team\n1=node4:3@others");
    expect(planned(others, check(1, 1)).conditions.map(({ type }) => type)).toEqual(["DoubleBooking"]);
  });

  it("places those whom an invalid map does not name", () => {
    const { placed } = planned(readMapText("0=node9:0"), [podOf("a-0"), podOf("other")]);
    expect(placed.map(({ pod }) => pod)).toEqual(["other"]);
  });
});
