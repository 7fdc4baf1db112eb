import { VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import { SchedulingQueue } from "./queue.ts";

let clock: VirtualClock;
let queue: SchedulingQueue;

beforeEach(() => {
  clock = new VirtualClock();
  queue = new SchedulingQueue(clock);
});

/** After how many seconds it has its turn again. */
async function pauseOf(fail: () => void): Promise<number> {
  fail();
  let seconds = 0;
  while (!queue.isReady("a")) {
    await clock.advance(500);
    seconds += 0.5;
  }
  return seconds;
}

describe("the queue", () => {
  it("has a pod that was refused wait from 1 s to 10 s, twice as long each time", async () => {
    const pauses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) pauses.push(await pauseOf(() => queue.refused("a")));
    expect(pauses).toEqual([1, 2, 4, 8, 10, 10]);
  });

  it("has a pod without a place wait for a change, and not less than its pause", async () => {
    queue.unschedulable("a");
    queue.wake();
    expect([queue.isReady("a"), queue.counts(["a", "b"])]).toEqual([
      false,
      { active: 1, backoff: 1, unschedulable: 0 },
    ]);
    await clock.advance(1_000);
    expect(queue.isReady("a")).toBe(true);
    queue.unschedulable("a");
    await clock.advance(60_000);
    expect([queue.isReady("a"), queue.counts(["a"]).unschedulable]).toEqual([false, 1]);
  });

  it("has it tried again after five minutes in any case", async () => {
    expect(await pauseOf(() => queue.unschedulable("a"))).toBe(300);
  });

  it("forgets who does not wait any more", async () => {
    for (let tries = 0; tries < 4; tries += 1) await pauseOf(() => queue.refused("a"));
    queue.keep(new Set(["b"]));
    expect([queue.isReady("a"), await pauseOf(() => queue.refused("a"))]).toEqual([true, 1]);
  });
});
