import { beforeEach, describe, expect, test } from "vitest";

import { refusal } from "./testing.ts";
import { rawItem as raw, ReflectorRig } from "./testing/reflectorRig.ts";

let rig: ReflectorRig;

beforeEach(() => {
  rig = new ReflectorRig();
});

describe("the audit", () => {
  /** Keeps the watch alive; what it says is that nothing happened. */
  async function quiet(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await rig.tell("BOOKMARK", { metadata: { resourceVersion: "10" } });
      await rig.clock.advance(60_000);
    }
  }

  test("a store that is as it should be is left alone", async () => {
    rig.world = [raw("a", 1), raw("bad", 2, "bad"), raw("other", 3, "unwanted")];
    await rig.started();
    await quiet(11);
    expect(rig.server.calls[1]?.query).toEqual({ limit: "500", resourceVersion: "10", resourceVersionMatch: "Exact" });
    expect([rig.counted, rig.server.watches.length]).toEqual([["unreadable"], 1]);
  });

  test("what the watch never told is counted and put right", async () => {
    rig.world = [raw("a", 1), raw("b", 2), raw("c", 3)];
    await rig.started();
    rig.world = [raw("a", 1), raw("b", 2, "changed"), raw("d", 4)];
    await quiet(11);
    expect(rig.counted).toEqual(["diverged 3", "diverged"]);
    expect([rig.names(), rig.store.named("ns", "b")?.label]).toEqual([["a", "b", "d"], "changed"]);
    expect(rig.server.lastWatch.open).toBe(true);
  });

  test("one that cannot be done is left out", async () => {
    rig.world = [raw("a", 1)];
    await rig.started();
    rig.server.answer = () => refusal(410, "Expired");
    await quiet(11);
    expect([rig.counted, rig.names(), rig.server.watches.length]).toEqual([[], ["a"], 1]);
  });
});

describe("what others do wrong", () => {
  test("an object that cannot be read stops no other; what was read of it before stays", async () => {
    rig.world = [raw("a", 1, "good"), raw("b", 2, "bad")];
    await rig.started();
    expect([rig.names(), rig.counted]).toEqual([["a"], ["unreadable"]]);
    await rig.tell("MODIFIED", raw("a", 11, "bad"));
    await rig.tell("ADDED", raw("c", 12));
    await rig.clock.advance(0);
    expect([rig.names(), rig.store.named("ns", "a")?.label]).toEqual([["a", "c"], "good"]);
    rig.world = [raw("a", 11, "bad"), raw("c", 12)];
    await rig.tell("ERROR", { code: 410 });
    await rig.clock.advance(30_000);
    expect([rig.names(), rig.store.named("ns", "a")?.label]).toEqual([["a", "c"], "good"]);
  });

  test("an object that is not wanted any more is told as deleted", async () => {
    rig.world = [raw("a", 1)];
    await rig.started();
    await rig.tell("MODIFIED", raw("a", 11, "unwanted"));
    await rig.tell("ADDED", raw("b", 12, "unwanted"));
    await rig.clock.advance(0);
    expect(rig.told).toEqual(["added a", "deleted a"]);
  });

  test("a listener that throws is counted and breaks no watch", async () => {
    rig.store.onChange(({ item }) => {
      if (item.name === "a") throw new Error("listener");
    });
    await rig.started();
    await rig.tell("ADDED", raw("a", 11));
    await rig.tell("ADDED", raw("b", 12));
    await rig.clock.advance(0);
    expect([rig.names(), rig.counted, rig.server.watches.length]).toEqual([["a", "b"], ["handler"], 1]);
  });
});
