import { beforeEach, describe, expect, it } from "vitest";

import { Bed, type PodGiven } from "./bed.ts";

let bed: Bed;

const share = (milli: number, more: PodGiven = {}): PodGiven => ({
  ...more,
  annotations: { "gpu.walras.io/milli": String(milli), ...more.annotations },
});

const move = ["--gpu-defragment=move", "--gpu-defragment-every=60"];
const plan = ["--gpu-defragment-every=60"];

/** Two GPUs, each with a half that is free after two are gone: a whole one has no place until one moves. */
async function scattered(args: readonly string[], given: PodGiven = { owner: "made" }): Promise<string[]> {
  await bed.begin({ a: { gpus: 1 }, b: { gpus: 1 } });
  for (const name of ["w", "x", "y", "z"]) await bed.pod(name, share(500, given));
  await bed.controller(3, { args });
  const on = (node: string): string[] => ["w", "x", "y", "z"].filter((name) => bed.placeOf(name) === `${node} 0`);
  const ends = [on("a")[0] ?? "", on("b")[0] ?? ""];
  for (const name of ends) await bed.remove(name);
  await bed.pod("whole", share(1000));
  return ["w", "x", "y", "z"].filter((name) => !ends.includes(name));
}

beforeEach(() => {
  bed = new Bed();
});

describe("a defragmentation", () => {
  it("is planned and told, and nobody is moved by default", async () => {
    const stay = await scattered(plan);
    await bed.pass(130);
    expect(stay.map((name) => bed.placeOf(name)).includes("-")).toBe(false);
    expect([bed.placeOf("whole"), bed.events("whole")]).toEqual(["-", ["FailedScheduling", "GpuRoomByMoves"]]);
  });

  it("is carried out where that is wanted: the one moves, the other gets its place, and is not in its way again", async () => {
    const stay = await scattered(move);
    await bed.pass(90);
    const [moved = "", ...more] = stay.filter((name) => bed.get(name) === undefined);
    expect([moved === "", more]).toEqual([false, []]);
    expect(bed.events(moved)).toContain("GpuDefragmented");
    await bed.pod(`${moved}-again`, share(500, { owner: "made" }));
    await bed.pass(30);
    expect([bed.placeOf("whole"), bed.placeOf(`${moved}-again`)].toSorted()).toEqual(["a 0", "b 0"]);
    expect(bed.doubleBooked()).toEqual([]);
  });

  it.each([
    ["nobody would make again", {}],
    ["have said that they do not", { owner: "made", annotations: { "gpu.walras.io/movable": "false" } }],
    ["are more important than who waits", { owner: "made", spec: { priority: 1 } }],
    ["are of a gang", { owner: "made", annotations: { "gpu.walras.io/gang": "g", "gpu.walras.io/gang-size": "2" } }],
  ])("moves none that %s", async (_, given) => {
    const stay = await scattered(move, given);
    await bed.pass(130);
    expect(stay.filter((name) => bed.get(name) === undefined)).toEqual([]);
    expect(bed.placeOf("whole")).toBe("-");
  });

  it("moves one that nobody made where it has agreed", async () => {
    const stay = await scattered(move, {
      owner: "",
      annotations: { "gpu.walras.io/movable": "true" },
    });
    await bed.pass(90);
    expect(stay.filter((name) => bed.get(name) === undefined)).toHaveLength(1);
    expect(bed.placeOf("whole")).not.toBe("-");
  });

  it("keeps to budgets", async () => {
    const stay = await scattered(move, { owner: "made", labels: { app: "kept" } });
    await bed.budget("kept", { app: "kept" }, 0);
    await bed.runs(...stay);
    await bed.pass(130);
    expect(stay.filter((name) => bed.get(name) === undefined)).toEqual([]);
  });

  it("empties no GPU that is ill", async () => {
    const stay = await scattered(plan);
    for (const node of ["a", "b"]) bed.facts.change(node, 0, { unhealthy: "Xid 79" });
    await bed.pass(130);
    expect([stay.filter((name) => bed.get(name) === undefined), bed.events("whole")]).toEqual([
      [],
      ["FailedScheduling"],
    ]);
  });

  it("moves none for one whom the node would not take", async () => {
    await scattered(move);
    await bed.remove("whole");
    await bed.pod("elsewhere", share(1000, { spec: { nodeSelector: { zone: "none" } } }));
    await bed.pass(130);
    expect(bed.events("elsewhere")).toEqual(["FailedScheduling"]);
  });
});
