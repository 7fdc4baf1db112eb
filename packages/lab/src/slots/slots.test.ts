import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { SlotWorld } from "./world.ts";

describe("the slots' world", () => {
  it("binds one job a node, prefers the rank, and counts what waits", () => {
    const world = new SlotWorld(2, 1, seededRng(1));
    for (let job = 0; job < 3; job += 1) world.create("a");
    world.step(["node-1"]);
    expect(world.nodes.map(({ job }) => job?.uid)).toEqual(["job-2", "job-1"]);
    expect(world.tally).toMatchObject({ pendingSeconds: 1, crowded: 0, used: 2 });
    for (let second = 0; second < 400; second += 1) world.step([]);
    expect(world.tally.finished).toBe(3);
    expect(world.unfinished("a")).toBe(0);
  });
});
