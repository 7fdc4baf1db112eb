import { expect, it } from "vitest";

import { longestWaitMs, Pace } from "./pace.ts";

const stepMs = 100;

interface Outcome {
  readonly submitted: number;
  readonly written: number;
  readonly longestMs: number;
}

/** As many as the pace lets through, of which an API server writes so many a second, in turn. */
function played(budget: number, writtenPerSecond: number, seconds: number): Outcome {
  const pace = new Pace(budget);
  const queue: number[] = [];
  let [submitted, written, longestMs] = [0, 0, 0];
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += stepMs) {
    for (; !pace.isBehind(nowMs); submitted += 1) {
      pace.submitted();
      queue.push(nowMs);
    }
    for (const sinceMs of queue.splice(0, (writtenPerSecond * stepMs) / 1000)) {
      written += 1;
      longestMs = Math.max(longestMs, nowMs - sinceMs);
      pace.settled(true, nowMs);
    }
  }
  return { submitted, written, longestMs };
}

it.each([20, 70, 300, 900])("a server that writes %i a second is kept busy, and nobody waits too long", (perSecond) => {
  const { written, longestMs } = played(2_000, perSecond, 60);
  expect(written).toBeGreaterThan(0.9 * perSecond * 60);
  expect(longestMs).toBeLessThan(longestWaitMs);
});

it("a few go whatever the server does, and no more while it writes none", () => {
  expect(played(200, 0, 60)).toEqual({ submitted: 50, written: 0, longestMs: 0 });
});

it("no more are let through than the budget has writes for", () => {
  // 200 writes a second are 100 resizes: in half of the time that they may wait, 250.
  const pace = new Pace(200);
  let submitted = 0;
  for (let nowMs = 0; nowMs < 3_000; nowMs += stepMs) {
    for (; !pace.isBehind(nowMs); submitted += 1) pace.submitted();
    for (let one = 0; one < 40; one += 1) pace.settled(true, nowMs);
    submitted -= 40;
    expect(submitted).toBeLessThanOrEqual(250);
  }
});
