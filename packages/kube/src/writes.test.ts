import { sleep } from "@walras/kit";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

import { WriteRig } from "./testing/writeRig.ts";

import { noAnswer, refusal } from "./testing.ts";

let rig: WriteRig;

beforeEach(() => {
  rig = new WriteRig();
});

describe("the order of writes", () => {
  test("the most urgent first, and among equals the one that came first", async () => {
    const queue = rig.queueOf(1, 1);
    queue.enqueue({ key: "a", priority: 5, write: rig.write("a") });
    queue.enqueue({ key: "up-1", priority: 2, write: rig.write("up-1") });
    queue.enqueue({ key: "down", priority: 1, write: rig.write("down") });
    queue.enqueue({ key: "up-2", priority: 2, write: rig.write("up-2") });
    await rig.pass(10_000);
    expect(rig.written).toEqual(["a", "down", "up-1", "up-2"]);
  });

  test("the newest of a key is written, in the place of the oldest", async () => {
    const queue = rig.queueOf(1, 1);
    queue.enqueue({ key: "first", priority: 1, write: rig.write("first") });
    queue.enqueue({ key: "x", priority: 1, write: rig.write("x1") });
    queue.enqueue({ key: "y", priority: 1, write: rig.write("y") });
    queue.enqueue({ key: "x", priority: 1, write: rig.write("x2") });
    expect([queue.length, rig.waiting]).toEqual([2, 2]);
    await rig.pass(10_000);
    expect([rig.written, queue.length, rig.waiting]).toEqual([["first", "x2", "y"], 0, 0]);
  });

  test("a write that becomes more urgent overtakes", async () => {
    const queue = rig.queueOf(1, 1);
    queue.enqueue({ key: "first", priority: 1, write: rig.write("first") });
    queue.enqueue({ key: "y", priority: 2, write: rig.write("y") });
    queue.enqueue({ key: "x", priority: 3, write: rig.write("x1") });
    queue.enqueue({ key: "x", priority: 1, write: rig.write("x2") });
    await rig.pass(10_000);
    expect(rig.written).toEqual(["first", "x2", "y"]);
  });

  test("what comes while its key is written waits for the end", async () => {
    const queue = rig.queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => sleep(rig.clock, 500).then(rig.write("slow")) });
    queue.enqueue({ key: "x", priority: 1, write: rig.write("next") });
    await rig.pass(400);
    expect(rig.written).toEqual([]);
    await rig.pass(200);
    expect(rig.written).toEqual(["slow", "next"]);
  });

  test("no more than the rate", async () => {
    const queue = rig.queueOf(10, 5);
    for (let index = 0; index < 100; index += 1)
      queue.enqueue({ key: `k${index}`, priority: 1, write: rig.write("w") });
    await rig.pass(1000);
    expect(rig.written.length).toBeGreaterThanOrEqual(14);
    expect(rig.written.length).toBeLessThanOrEqual(15);
    await rig.pass(10_000);
    expect(rig.written).toHaveLength(100);
  });
});

describe("writes that fail", () => {
  test.each([
    ["no answer", noAnswer("gone")],
    ["a conflict", refusal(409, "Conflict")],
    ["too many requests", refusal(429, "TooManyRequests")],
    ["the server's trouble", refusal(503, "ServiceUnavailable")],
  ])("%s is tried again", async (_, error) => {
    const queue = rig.queueOf(100, 10);
    let tries = 0;
    const failing = (): Promise<void> => ((tries += 1) < 3 ? Promise.reject(error) : rig.write("done")());
    queue.enqueue({ key: "x", priority: 1, write: failing });
    await rig.pass(5000);
    expect([tries, rig.written, rig.outcomes]).toEqual([3, ["done"], ["retried", "retried", "done"]]);
  });

  test.each([
    ["a refusal", refusal(422, "Invalid")],
    ["what exists already", refusal(409, "AlreadyExists")],
    ["a bug", new TypeError("bug")],
  ])("%s is not, and stops nobody else", async (_, error) => {
    const queue = rig.queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => Promise.reject(error) });
    queue.enqueue({ key: "y", priority: 2, write: rig.write("y") });
    await rig.pass(60_000);
    expect([rig.outcomes, rig.written, queue.length]).toEqual([["failed", "done"], ["y"], 0]);
  });

  test("Retry-After is waited for, and a newer value goes then", async () => {
    const queue = rig.queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => Promise.reject(refusal(429, "TooManyRequests", 7000)) });
    await rig.pass(100);
    queue.enqueue({ key: "x", priority: 1, write: rig.write("newer") });
    await rig.pass(6000);
    expect(rig.written).toEqual([]);
    await rig.pass(1000);
    expect(rig.written).toEqual(["newer"]);
  });

  test("one that never succeeds is given up some time, with fewer and fewer tries", async () => {
    const queue = rig.queueOf(100, 10);
    const atMs: number[] = [];
    const failing = (): Promise<void> => {
      atMs.push(rig.clock.monotonicMs());
      return Promise.reject(noAnswer("gone"));
    };
    queue.enqueue({ key: "x", priority: 1, write: failing });
    await rig.pass(600_000);
    const pausesMs = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0));
    expect([atMs.length, rig.outcomes.at(-1), queue.length]).toEqual([12, "failed", 0]);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(30_000);
    expect(pausesMs[0]).toBeLessThan(500);
  });

  test("one key's trouble holds up no other", async () => {
    const queue = rig.queueOf(100, 10);
    queue.enqueue({ key: "x", priority: 1, write: () => Promise.reject(refusal(503, "ServiceUnavailable", 9000)) });
    await rig.pass(10);
    for (let index = 0; index < 20; index += 1) queue.enqueue({ key: `k${index}`, priority: 9, write: rig.write("w") });
    await rig.pass(1000);
    expect(rig.written).toHaveLength(20);
  });
});

test("stopping waits for what is in flight and drops what waits", async () => {
  const queue = rig.queueOf(1, 1);
  queue.enqueue({ key: "x", priority: 1, write: () => sleep(rig.clock, 500).then(rig.write("in flight")) });
  queue.enqueue({ key: "y", priority: 1, write: rig.write("waiting") });
  const stopped = queue.stop();
  queue.enqueue({ key: "z", priority: 1, write: rig.write("too late") });
  await rig.pass(10_000);
  await stopped;
  expect([rig.written, queue.length, rig.waiting]).toEqual([["in flight"], 0, 0]);
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
      rig = new WriteRig();
      const queue = rig.queueOf(20, 5);
      const flying = new Set<string>();
      const final = new Map<string, number>();
      const ordered = wishes.toSorted((one, other) => one.atMs - other.atMs);
      for (const [value, { atMs, key, priority, takesMs, failures }] of ordered.entries()) {
        const left = [...failures];
        await rig.pass(atMs - rig.clock.monotonicMs());
        queue.enqueue({
          key,
          priority,
          write: async () => {
            expect(flying.has(key)).toBe(false);
            flying.add(key);
            await sleep(rig.clock, takesMs);
            flying.delete(key);
            const status = left.shift();
            if (status !== undefined) throw refusal(status, "");
            expect(final.get(key) ?? -1).toBeLessThan(value);
            final.set(key, value);
          },
        });
      }
      await rig.pass(120_000);
      const wanted = new Map(ordered.map(({ key }, value) => [key, value]));
      expect([final, queue.length]).toEqual([wanted, 0]);
    }),
    { numRuns: 60 },
  );
});
