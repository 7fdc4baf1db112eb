import { describe, expect, it } from "vitest";

import type { Sight } from "../sight/sight.ts";
import type { ExpectedPod } from "./expected.ts";
import type { Report } from "./report.ts";
import { type Answer, verdict } from "./verdict.ts";

const uuid = (node: string, index: number): string => `GPU-${node}-${index}`;

function pod(podIndex: number, node: string, gpus: readonly string[], share: string | null = null): ExpectedPod {
  return { podIndex, node, gpus, share };
}

/** What a pod sees that nothing keeps from the four GPUs of its node. */
function sight(index: number, node: string, variable: string | null, more: Partial<Sight> = {}): Sight {
  return {
    pod: `check-${index}`,
    namespace: "gpu-scheduler-tests",
    node,
    cudaVisibleDevices: variable,
    enforcedBy: "env",
    nvidiaVisibleDevices: null,
    gpus: [0, 1, 2, 3].map((gpu) => ({ index: gpu, uuid: uuid(node, gpu), model: "T4" })),
    source: "nvidia-smi",
    deviceFiles: [0, 1, 2, 3],
    processes: [],
    trouble: null,
    ageMs: 0,
    ...more,
  };
}

interface World {
  readonly pods: readonly ExpectedPod[];
  readonly seen: readonly (Sight | Exclude<Answer, { kind: "sight" }>)[];
  readonly nodesByLabel?: Readonly<Record<string, readonly string[]>>;
  readonly chosen?: Readonly<Record<number, readonly string[]>>;
}

function judge({ pods, seen, nodesByLabel = {}, chosen = {} }: World): Report {
  const answers = seen.map((one): Answer => ("kind" in one ? one : { kind: "sight", sight: one }));
  const maps = {
    nodesByLabel: new Map(Object.entries(nodesByLabel)),
    chosen: new Map(Object.entries(chosen).map(([index, uuids]) => [Number(index), uuids])),
  };
  return verdict({ pods, ...maps }, new Map(answers.map((answer, index) => [index, answer])));
}

const statesOf = ({ rows }: Report): readonly string[] => rows.map(({ state }) => state);
const messagesOf = ({ rows }: Report): string =>
  rows.flatMap(({ findings }) => findings.map((one) => one.message)).join("\n");

describe("a pod is well", () => {
  const isolated = { enforcedBy: "dra", deviceFiles: [2], gpus: [{ index: 0, uuid: uuid("a", 2), model: "T4" }] };
  const blind = { gpus: null, source: null, processes: null, deviceFiles: [] };
  const cases: readonly [string, World][] = [
    ["with the numbers of its map", { pods: [pod(0, "a", ["0", "1"])], seen: [sight(0, "a", "0,1")] }],
    ["with the UUIDs of those numbers", { pods: [pod(0, "a", ["2"])], seen: [sight(0, "a", uuid("a", 2))] }],
    ["with UUIDs that the map names", { pods: [pod(0, "a", [uuid("a", 2)])], seen: [sight(0, "a", "2")] }],
    [
      "counted from 0 where NVIDIA's runtime shows it its own alone, and others see them all",
      {
        pods: [pod(0, "a", ["2"]), pod(1, "a", ["3"])],
        seen: [
          sight(0, "a", uuid("a", 2), { ...isolated, enforcedBy: "env", nvidiaVisibleDevices: uuid("a", 2) }),
          sight(1, "a", "3", { nvidiaVisibleDevices: "all" }),
        ],
      },
    ],
    ["in another order", { pods: [pod(0, "a", ["0", "1"])], seen: [sight(0, "a", "1,0")] }],
    [
      "on the node of the logical name",
      { pods: [pod(0, "node1", ["0"])], seen: [sight(0, "a", "0")], nodesByLabel: { node1: ["a"] } },
    ],
    [
      "counted from 0 in its own devices",
      { pods: [pod(0, "a", [uuid("a", 2)])], seen: [sight(0, "a", "0", isolated)] },
    ],
    [
      "by number, where the scheduler says which UUID that is",
      { pods: [pod(0, "a", ["2"])], seen: [sight(0, "a", "0", isolated)], chosen: { 0: [uuid("a", 2)] } },
    ],
    [
      "by the variable, where nothing of NVIDIA's is there",
      { pods: [pod(0, "a", ["0", "1"])], seen: [sight(0, "a", "0,1", blind)] },
    ],
    [
      "beside one with whom it shares by name",
      {
        pods: [pod(0, "a", ["3"], "team"), pod(1, "a", ["3"], "team")],
        seen: [sight(0, "a", "3"), sight(1, "a", "3")],
      },
    ],
  ];
  it.each(cases)("%s", (_, world) => {
    const report = judge(world);
    expect([report.green, messagesOf(report)]).toEqual([true, ""]);
  });
});

describe("a fault", () => {
  const lost = {
    gpus: [0, 1, 3].map((gpu) => ({ index: gpu, uuid: uuid("a", gpu), model: "T4" })),
    trouble: "GPU is lost. Reboot the system to recover this GPU",
  };
  const busy = { processes: [{ gpu: uuid("a", 0), pid: 4711, name: "python3" }] };
  const cases: readonly [string, World, string[], RegExp][] = [
    [
      "is a wrong node",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "b", "0")] },
      ["wrong node"],
      /is on b, should be on a/,
    ],
    [
      "is a wrong node by its logical name",
      { pods: [pod(0, "node1", ["0"])], seen: [sight(0, "node1", "0")], nodesByLabel: { node1: ["a"] } },
      ["wrong node"],
      /should be on node1 \(a\)/,
    ],
    [
      "is a wrong GPU by number",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "a", "1")] },
      ["wrong GPU"],
      /sees GPU-a-1 .*should see GPU-a-0/,
    ],
    [
      "is a wrong GPU by UUID",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "a", uuid("a", 3))] },
      ["wrong GPU"],
      /sees GPU-a-3/,
    ],
    [
      "is one GPU too many",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "a", "0,1")] },
      ["wrong GPU"],
      /sees GPU-a-0, GPU-a-1/,
    ],
    [
      "is an empty variable: no GPU",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "a", "")] },
      ["wrong GPU"],
      /sees no GPU/,
    ],
    [
      "is a missing variable",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "a", null)] },
      ["missing variable"],
      /is not set/,
    ],
    [
      "is double booking in the map itself",
      { pods: [pod(0, "a", ["3"]), pod(1, "a", ["3"])], seen: [sight(0, "a", "3"), sight(1, "a", "3")] },
      ["double booked", "double booked"],
      /GPU-a-3 of a is pod 1's too/,
    ],
    [
      "is double booking by one who took another's",
      { pods: [pod(0, "a", ["0"]), pod(1, "a", ["1"])], seen: [sight(0, "a", "0"), sight(1, "a", "0")] },
      ["double booked", "wrong GPU"],
      /is pod 0's too/,
    ],
    [
      "is double booking under two names of sharing",
      { pods: [pod(0, "a", ["3"], "x"), pod(1, "a", ["3"], "y")], seen: [sight(0, "a", "3"), sight(1, "a", "3")] },
      ["double booked", "double booked"],
      /too/,
    ],
    [
      "is a lost GPU",
      { pods: [pod(0, "a", [uuid("a", 2)])], seen: [sight(0, "a", uuid("a", 2), lost)] },
      ["GPU lost"],
      /names GPU-a-2, which is not among.*GPU is lost/,
    ],
    ["is a lost GPU by number", { pods: [pod(0, "a", ["9"])], seen: [sight(0, "a", "9")] }, ["GPU lost"], /names 9/],
    [
      "is a driver that answers nothing",
      {
        pods: [pod(0, "a", ["0"])],
        seen: [sight(0, "a", "0", { gpus: null, trouble: "Driver/library version mismatch" })],
      },
      ["GPU lost"],
      /version mismatch/,
    ],
    [
      "is a foreign process",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "a", "0", busy)] },
      ["foreign process"],
      /process 4711 \(python3\) computes on GPU-a-0/,
    ],
    [
      "is a pod that is not there",
      { pods: [pod(0, "a", ["0"])], seen: [{ kind: "missing", reason: "no address" }] },
      ["pod missing"],
      /no address/,
    ],
    [
      "is a pod that does not answer",
      { pods: [pod(0, "a", ["0"])], seen: [{ kind: "silent", reason: "refused" }] },
      ["not answering"],
      /refused/,
    ],
    ["is a pod that was not asked", { pods: [pod(0, "a", ["0"])], seen: [] }, ["not answering"], /not asked/],
    [
      "is a reading of long ago",
      { pods: [pod(0, "a", ["0"])], seen: [sight(0, "a", "0", { ageMs: 61_000 })] },
      ["not answering"],
      /61 s old/,
    ],
    [
      "is another pod's answer",
      { pods: [pod(0, "a", ["0"])], seen: [sight(1, "a", "0")] },
      ["not answering"],
      /pod check-1 answered/,
    ],
  ];
  it.each(cases)("%s", (_, world, states, message) => {
    const report = judge(world);
    expect([report.green, statesOf(report)]).toEqual([false, states]);
    expect(messagesOf(report)).toMatch(message);
  });

  it("of a process on a GPU that the pod has not is none of its own", () => {
    expect(judge({ pods: [pod(0, "a", ["1"])], seen: [sight(0, "a", "1", busy)] }).green).toBe(true);
  });

  it("leaves the others' verdict as it is", () => {
    const pods = [pod(0, "a", ["0"]), pod(1, "b", ["1"]), pod(2, "c", ["2"])];
    const report = judge({ pods, seen: [sight(0, "a", "0"), { kind: "missing", reason: "gone" }, sight(2, "c", "2")] });
    expect(statesOf(report)).toEqual(["ok", "pod missing", "ok"]);
  });

  it("is told with all that is wrong beside it", () => {
    const [row] = judge({ pods: [pod(0, "a", ["0"])], seen: [sight(0, "b", null)] }).rows;
    expect(row?.findings.map(({ state }) => state)).toEqual(["wrong node", "missing variable"]);
  });
});

describe("what is not known", () => {
  const isolated = { enforcedBy: "dra", gpus: [{ index: 0, uuid: uuid("a", 2), model: "T4" }] };
  const cases: readonly [string, World, RegExp][] = [
    [
      "is not proven: which number a UUID has",
      { pods: [pod(0, "a", ["2"])], seen: [sight(0, "a", "0", isolated)] },
      /which number has which UUID/,
    ],
    [
      "is not proven: the node",
      { pods: [pod(0, "a", ["2"])], seen: [sight(0, "a", "2", { node: null })] },
      /NODE_NAME/,
    ],
    [
      "is not proven: which of two nodes with one name",
      { pods: [pod(0, "n", ["2"])], seen: [sight(0, "a", "2")], nodesByLabel: { n: ["a", "b"] } },
      /of 2 nodes/,
    ],
  ];
  it.each(cases)("%s", (_, world, message) => {
    const report = judge(world);
    expect(report.rows[0]?.findings[0]?.state).toBe("not proven");
    expect([report.green, messagesOf(report)]).toEqual([false, expect.stringMatching(message)]);
  });
});
