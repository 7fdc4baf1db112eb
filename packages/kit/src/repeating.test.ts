import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

import { sleep, VirtualClock } from "./clock.ts";
import { silentLogger } from "./logger.ts";
import { Repeating, type RepeatingOptions } from "./repeating.ts";

let clock: VirtualClock;
let told: string[];

beforeEach(() => {
  clock = new VirtualClock();
  told = [];
});

function repeating(run: RepeatingOptions["run"], options: Partial<RepeatingOptions> = {}): Repeating {
  const observer = { ran: () => void told.push("ran"), failed: () => void told.push("failed") };
  return new Repeating({ name: "test", everyMs: 1000, clock, logger: silentLogger, observer, ...options, run });
}

async function pass(ms: number): Promise<void> {
  await clock.advance(0);
  await clock.advance(ms);
}

describe("repeating", () => {
  test("runs from one interval after the start, or at once, and then each interval", async () => {
    const later: number[] = [];
    const atOnce: number[] = [];
    await repeating(() => void later.push(clock.monotonicMs())).start();
    await repeating(() => void atOnce.push(clock.monotonicMs()), { first: "at once" }).start();
    await pass(2500);
    expect([later, atOnce]).toEqual([
      [1000, 2000],
      [0, 1000, 2000],
    ]);
  });

  test("what throws, now or later, is counted and runs again", async () => {
    let runs = 0;
    const task = repeating(() => {
      runs += 1;
      if (runs === 1) throw new Error("at once");
      return runs === 2 ? Promise.reject(new Error("later")) : Promise.resolve();
    });
    await task.start();
    await pass(3500);
    expect(told).toEqual(["failed", "failed", "ran"]);
  });

  test("never overlaps itself, whatever runs take and whoever asks for one", async () => {
    const actions = fc.array(fc.record({ tookMs: fc.nat(3000), askAfterMs: fc.nat(3000) }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(actions, async (steps) => {
        clock = new VirtualClock();
        let [running, most, runs] = [0, 0, 0];
        const task = repeating(async () => {
          running += 1;
          most = Math.max(most, running);
          await sleep(clock, steps[runs % steps.length]!.tookMs);
          running -= 1;
          runs += 1;
        });
        await task.start();
        for (const { askAfterMs } of steps) {
          await pass(askAfterMs);
          void task.now();
        }
        await pass(10_000);
        const stopped = task.stop();
        await pass(5000);
        await stopped;
        const ended = runs;
        await pass(10_000);
        expect([most, running, runs]).toEqual([1, 0, ended]);
      }),
      { numRuns: 50 },
    );
  });

  test("asked for while it runs, it runs once more", async () => {
    let runs = 0;
    const task = repeating(async () => {
      await sleep(clock, 100);
      runs += 1;
    });
    void task.now();
    void task.now();
    void task.now();
    await pass(250);
    expect(runs).toBe(2);
  });

  test("stopping aborts the run in progress and waits for it", async () => {
    const ended: string[] = [];
    const task = repeating(
      async (signal) => {
        await sleep(clock, 60_000, signal);
        ended.push(signal.aborted ? "aborted" : "done");
      },
      { first: "at once" },
    );
    void task.start();
    await pass(10);
    await task.stop();
    await task.now();
    await pass(5000);
    expect(ended).toEqual(["aborted"]);
  });
});
