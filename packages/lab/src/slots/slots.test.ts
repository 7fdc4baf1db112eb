import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { jobsToCreate } from "./keda.ts";
import { SlotWorld } from "./world.ts";

describe("KEDA's arithmetic", () => {
  const poll = { queueLength: 0, active: true, target: 1, maxReplicas: 100, running: 0 };

  it("creates what the metric asks for, less what is unfinished, within its bounds", () => {
    expect(jobsToCreate({ ...poll, queueLength: 30, target: 10, maxReplicas: 3 })).toBe(3);
    expect(jobsToCreate({ ...poll, queueLength: 30, target: 10, maxReplicas: 3, running: 2 })).toBe(1);
    expect(jobsToCreate({ ...poll, queueLength: 3, running: 3 })).toBe(0);
    expect(jobsToCreate({ ...poll, queueLength: 0.2 })).toBe(1);
    expect(jobsToCreate({ ...poll, queueLength: 5, active: false })).toBe(0);
    expect(jobsToCreate({ ...poll, queueLength: 2, running: 5 })).toBe(0);
  });
});

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
