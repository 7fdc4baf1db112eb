import { describe, expect, it } from "vitest";

import { readMap } from "./readMap.ts";

const pods = [
  { podIndex: 0, node: "node1", gpus: ["0", "1"], share: null },
  { podIndex: 1, node: "node2", gpus: ["2"], share: "team" },
];

describe("a scheduling map", () => {
  it.each([
    [
      "a chart's values",
      "gpuScheduling:\n  schedulingMap:\n    - {podIndex: 0, nodeName: node1, gpuDevices: '0,1'}\n    - {podIndex: 1, nodeName: node2, gpuDevices: 2, share: team}",
    ],
    [
      "an object",
      JSON.stringify({
        kind: "GpuSchedulingMap",
        spec: {
          schedulingMap: [
            { podIndex: 0, nodeName: "node1", gpuDevices: "0,1" },
            { podIndex: 1, nodeName: "node2", gpuDevices: "2", share: "team" },
          ],
        },
      }),
    ],
    ["the annotation", "# ours\n0=node1:0,1\n1=node2:2@team\n"],
    ["the annotation in one line", "0=node1:0,1 1=node2:2@team"],
  ])("is read from %s", (_, text) => {
    expect(readMap(text, "map")).toEqual(pods);
  });

  it("may name UUIDs", () => {
    expect(readMap("0=a:GPU-5a1b,GPU-77", "map")[0]?.gpus).toEqual(["GPU-5a1b", "GPU-77"]);
  });

  it.each([
    ["0=node1:0\n0=node2:0", /map\.podIndex: 0 stands twice/],
    ["0=node1:x", /map\.0\.gpuDevices: "x" is not valid \(not a list such as/],
    ["0=node1:0\nnonsense", /map\.1\.podIndex: undefined is not valid/],
    [
      "gpuScheduling: {schedulingMap: [{podIndex: -1, nodeName: a, gpuDevices: '0'}]}",
      /schedulingMap\.0\.podIndex: -1/,
    ],
    ["gpuScheduling: {}", /map\.gpuScheduling\.schedulingMap: undefined/],
    ["kind: Pod", /map\.kind: "Pod"/],
    ["a: [", /is neither YAML/],
  ])("is refused with field and value: %s", (text, complaint) => {
    expect(() => readMap(text, "map")).toThrow(complaint);
  });
});
