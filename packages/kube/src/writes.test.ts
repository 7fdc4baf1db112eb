import { seededRng, silentLogger, sleep, VirtualClock } from "@walras/kit";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

import { noAnswer, refusal } from "./testing.ts";
import { WriteQueue } from "./writes.ts";

let clock: VirtualClock;
let outcomes: string[];
let waiting: number;
/** What was written, in order. */
let written: string[];

beforeEach(() => {
  clock = new VirtualClock();
  outcomes = [];
  written = [];
});

/** Lets what is ready run first, for the clock moves before it looks. */
async function pass(durationMs: number): Promise<void> {
  await clock.advance(0);
  await clock.advance(durationMs);
}

function queueOf(perSecond: number, burst: number): WriteQueue {
  const observer = {
    finished: (outcome: string): void => void outcomes.push(outcome),
    waiting: (count: number): void => void (waiting = count),
  };
  return new WriteQueue({ perSecond, burst, clock, rng: seededRng(3), logger: silentLogger, observer });
}

function write(what: string): () => Promise<void> {
  return () => {
    written.push(what);
    return Promise.resolve();
  };
}

describe("the order of writes", () => {
  test("the most urgent first, and among equals the one that came first", async () => {
    const queue = queueOf(1, 1);
    queue.enqueue({ key: "a", priority: 5, write: write("a") });
    queue.enqueue({ key: "up-1", priority: 2, write: write("up-1") });
    queue.enqueue({ key: "down", priority: 1, write: write("down") });
    queue.enqueue({ key: "up-2", priority: 2, write: write("up-2") });
    await pass(10_000);
    expect(written).toEqual(["a", "down", "up-1", "up-2"]);
  });

  test("the newest of a key is written, in the place of the oldest", async () => {
    const queue = queueOf(1, 1);
    queue.enqueue({ key: "first", priority: 1, write: write("first") });
    queue.enqueue({ key: "x", priority: 1, write: write("x1") });
    queue.enqueue({ key: "y", priority: 1, write: write("y") });
    queue.enqueue({ key: "x", priority: 1, write: write("x2") });
    expect([queue.length, waiting]).toEqual([2, 2]);
    await pass(10_000);
    expect([written, queue.length, waiting]).toEqual([["first", "x2", "y"], 0, 0]);
  });

  test("a write that becomes more urgent overtakes", async () => {
    const queue = queueOf(1, 1);
    queue.enqueue({ key: "first", priority: 1, write: write("first") });
    queue.enqueue({ key: "y", priority: 2, write: write("y") });
    queue.enqueue({ key: "x", priority: 3, write: write("x1") });
    queue.enqueue({ key: "x", priority: 1, write: write("x2") });
    await pass(10_000);
    expect(written).toEqual(["first", "x2", "y"]);
  });

  test("what comes while its key is written waits for the end", async () => {
    const queue = queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => sleep(clock, 500).then(write("slow")) });
    queue.enqueue({ key: "x", priority: 1, write: write("next") });
    await pass(400);
    expect(written).toEqual([]);
    await pass(200);
    expect(written).toEqual(["slow", "next"]);
  });

  test("no more than the rate", async () => {
    const queue = queueOf(10, 5);
    for (let index = 0; index < 100; index += 1) queue.enqueue({ key: `k${index}`, priority: 1, write: write("w") });
    await pass(1000);
    expect(written.length).toBeGreaterThanOrEqual(14);
    expect(written.length).toBeLessThanOrEqual(15);
    await pass(10_000);
    expect(written).toHaveLength(100);
  });
});

describe("writes that fail", () => {
  test.each([
    ["no answer", noAnswer("gone")],
    ["a conflict", refusal(409, "Conflict")],
    ["too many requests", refusal(429, "TooManyRequests")],
    ["the server's trouble", refusal(503, "ServiceUnavailable")],
  ])("%s is tried again", async (_, error) => {
    const queue = queueOf(100, 10);
    let tries = 0;
    const failing = (): Promise<void> => ((tries += 1) < 3 ? Promise.reject(error) : write("done")());
    queue.enqueue({ key: "x", priority: 1, write: failing });
    await pass(5000);
    expect([tries, written, outcomes]).toEqual([3, ["done"], ["retried", "retried", "done"]]);
  });

  test.each([
    ["a refusal", refusal(422, "Invalid")],
    ["what exists already", refusal(409, "AlreadyExists")],
    ["a bug", new TypeError("bug")],
  ])("%s is not, and stops nobody else", async (_, error) => {
    const queue = queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => Promise.reject(error) });
    queue.enqueue({ key: "y", priority: 2, write: write("y") });
    await pass(60_000);
    expect([outcomes, written, queue.length]).toEqual([["failed", "done"], ["y"], 0]);
  });

  test("Retry-After is waited for, and a newer value goes then", async () => {
    const queue = queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => Promise.reject(refusal(429, "TooManyRequests", 7000)) });
    await pass(100);
    queue.enqueue({ key: "x", priority: 1, write: write("newer") });
    await pass(6000);
    expect(written).toEqual([]);
    await pass(1000);
    expect(written).toEqual(["newer"]);
  });

  test("one that never succeeds is given up some time, with fewer and fewer tries", async () => {
    const queue = queueOf(100, 10);
    const atMs: number[] = [];
    const failing = (): Promise<void> => {
      atMs.push(clock.monotonicMs());
      return Promise.reject(noAnswer("gone"));
    };
    queue.enqueue({ key: "x", priority: 1, write: failing });
    await pass(600_000);
    const pausesMs = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
    expect([atMs.length, outcomes.at(-1), queue.length]).toEqual([12, "failed", 0]);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(30_000);
    expect(pausesMs[0]).toBeLessThan(500);
  });

  test("one key's trouble holds up no other", async () => {
    const queue = queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => Promise.reject(refusal(503, "ServiceUnavailable", 9000)) });
    await pass(10);
    for (let index = 0; index < 20; index += 1) queue.enqueue({ key: `k${index}`, priority: 9, write: write("w") });
    await pass(1000);
    expect(written).toHaveLength(20);
  });
});

test("stopping waits for what is in flight and drops what waits", async () => {
  const queue = queueOf(1, 1);
  queue.enqueue({ key: "x", priority: 1, write: () => sleep(clock, 500).then(write("in flight")) });
  queue.enqueue({ key: "y", priority: 1, write: write("waiting") });
  const stopped = queue.stop();
  queue.enqueue({ key: "z", priority: 1, write: write("too late") });
  await pass(10_000);
  await stopped;
  expect([written, queue.length, waiting]).toEqual([["in flight"], 0, 0]);
});

/** One wish: at a time, for a key, with what happens to its tries. */
const anyWish = fc.record({
  atMs: fc.nat(3000),
  key: fc.integer({ min: 0, max: 5 }).map((index) => `k${index}`),
  priority: fc.nat(3),
  takesMs: fc.nat(400),
  failures: fc.array(fc.constantFrom(0, 409, 429, 500), { maxLength: 3 }),
});

test("whatever happens: one write of a key at a time, and the last value wins", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyWish, { maxLength: 25 }), async (wishes) => {
      clock = new VirtualClock();
      const queue = queueOf(20, 5);
      const flying = new Set<string>();
      const final = new Map<string, number>();
      const ordered = wishes.toSorted((one, other) => one.atMs - other.atMs);
      for (const [value, { atMs, key, priority, takesMs, failures }] of ordered.entries()) {
        const left = [...failures];
        await pass(atMs - clock.monotonicMs());
        queue.enqueue({
          key,
          priority,
          write: async () => {
            expect(flying.has(key)).toBe(false);
            flying.add(key);
            await sleep(clock, takesMs);
            flying.delete(key);
            const status = left.shift();
            if (status !== undefined) throw refusal(status, "");
            expect(final.get(key) ?? -1).toBeLessThan(value);
            final.set(key, value);
          },
        });
      }
      await pass(120_000);
      const wanted = new Map(ordered.map(({ key }, value) => [key, value]));
      expect([final, queue.length]).toEqual([wanted, 0]);
    }),
    { numRuns: 60 },
  );
});
