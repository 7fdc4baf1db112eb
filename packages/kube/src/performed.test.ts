import { sleep } from "@walras/kit";
import { beforeEach, describe, expect, test } from "vitest";

import { WriteRig } from "./testing/writeRig.ts";

import { noAnswer, refusal } from "./testing.ts";
import { Superseded } from "./write.ts";

let rig: WriteRig;

beforeEach(() => {
  rig = new WriteRig();
});

describe("a write that is waited for", () => {
  /** What became of it: its result, or the error's words. */
  function outcomeOf(result: Promise<string>): Promise<string> {
    return result.catch((error: unknown) => (error instanceof Superseded ? error.by : (error as Error).message));
  }

  test("gives its result, after as many tries as any", async () => {
    const queue = rig.queueOf(100, 10);
    let tries = 0;
    const failing = (): Promise<string> =>
      (tries += 1) < 3 ? Promise.reject(noAnswer("gone")) : Promise.resolve("result");
    const outcome = outcomeOf(queue.perform({ key: "x", priority: 1, write: failing }));
    await rig.pass(5000);
    expect([await outcome, rig.outcomes]).toEqual(["result", ["retried", "retried", "done"]]);
  });

  test("gives the last error", async () => {
    const queue = rig.queueOf(100, 10);
    const refused = outcomeOf(
      queue.perform({ key: "x", priority: 1, write: () => Promise.reject(refusal(422, "Invalid")) }),
    );
    const lost = outcomeOf(queue.perform({ key: "y", priority: 1, write: () => Promise.reject(noAnswer("gone")) }));
    await rig.pass(600_000);
    expect([await refused, await lost]).toEqual(["422 Invalid", "gone"]);
  });

  test("is told that a newer one took its place, while it waits and after it failed", async () => {
    const queue = rig.queueOf(1, 1);
    const failing = (): Promise<string> => sleep(rig.clock, 100).then(() => Promise.reject(noAnswer("gone")));
    const failed = outcomeOf(queue.perform({ key: "x", priority: 1, write: failing }));
    const waited = outcomeOf(queue.perform({ key: "x", priority: 1, write: () => Promise.resolve("old") }));
    const last = outcomeOf(queue.perform({ key: "x", priority: 1, write: () => Promise.resolve("new") }));
    await rig.pass(10_000);
    expect([await failed, await waited, await last]).toEqual(["newer", "newer", "new"]);
  });

  test("is told that the queue stopped", async () => {
    const queue = rig.queueOf(1, 1);
    queue.enqueue({ key: "first", priority: 1, write: rig.write("first") });
    const waited = outcomeOf(queue.perform({ key: "x", priority: 1, write: () => Promise.resolve("done") }));
    await queue.stop();
    const late = outcomeOf(queue.perform({ key: "y", priority: 1, write: () => Promise.resolve("done") }));
    expect([await waited, await late]).toEqual(["stop", "stop"]);
  });
});

describe("a full queue", () => {
  test("drops the newest of the least urgent, and counts it", async () => {
    const queue = rig.queueOf(1, 1, 3);
    const dropped: string[] = [];
    const add = (key: string, priority: number): void =>
      queue.enqueue({
        key,
        priority,
        write: rig.write(key),
        gaveUp: (error) => dropped.push(`${key} ${String(error)}`),
      });
    add("first", 1);
    add("late-1", 9);
    add("late-2", 9);
    add("middle", 5);
    add("late-3", 9);
    add("urgent", 1);
    add("late-1", 9);
    const why = "not written, for the queue is full of more urgent writes";
    expect(dropped).toEqual([
      `late-3 Superseded: late-3: ${why}`,
      `late-2 Superseded: late-2: ${why}`,
      "late-1 Superseded: late-1: not written, for a newer value took its place",
    ]);
    await rig.pass(10_000);
    expect([rig.written, rig.outcomes.filter((outcome) => outcome === "dropped").length]).toEqual([
      ["first", "urgent", "middle", "late-1"],
      2,
    ]);
  });

  test("holds fifty thousand keys unless told", () => {
    const queue = rig.queueOf(1, 1);
    for (let index = 0; index < 50_010; index += 1)
      queue.enqueue({ key: `k${index}`, priority: 1, write: rig.write("w") });
    expect([queue.length, rig.outcomes.length]).toEqual([50_000, 9]);
  });

  test("makes room for what is more urgent where a pause is waited for, and keeps the pause", async () => {
    const queue = rig.queueOf(100, 10, 1);
    const pausing = (): Promise<void> => Promise.reject(refusal(429, "TooManyRequests", 5000));
    queue.enqueue({ key: "x", priority: 9, write: pausing });
    await rig.pass(100);
    const blocked = queue.perform({ key: "y", priority: 1, write: () => Promise.resolve("y") });
    expect(await blocked).toBe("y");
    queue.enqueue({ key: "x", priority: 9, write: rig.write("x") });
    await rig.pass(4000);
    expect(rig.written).toEqual([]);
    await rig.pass(2000);
    expect([rig.written, queue.length]).toEqual([["x"], 0]);
  });
});
