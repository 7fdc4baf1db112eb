import { silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, test } from "vitest";

import { type EventNote, EventRecorder } from "./events.ts";
import { noAnswer, refusal, ScriptedTransport } from "./testing.ts";
import { Superseded, type Write } from "./write.ts";

let clock: VirtualClock;
let server: ScriptedTransport;
let queued: Map<string, Write>;
let dropped: number;
let recorder: EventRecorder;

beforeEach(() => {
  clock = new VirtualClock();
  server = new ScriptedTransport();
  queued = new Map();
  dropped = 0;
  recorder = new EventRecorder({
    transport: server,
    enqueue: (write) => queued.set(write.key, write),
    priority: 9,
    clock,
    logger: silentLogger,
    controller: "walras.io/walras",
    instance: "one",
    onDropped: () => (dropped += 1),
  });
});

function event(name: string, reason = "Resized"): EventNote {
  const regarding = { apiVersion: "v1", kind: "Pod", namespace: "ns", name, uid: `uid-${name}` };
  return { regarding, type: "Normal", reason, action: "Resize", note: "note" };
}

async function writeAll(): Promise<void> {
  const writes = [...queued.values()];
  queued.clear();
  for (const { write } of writes) await write();
}

function bodies(): { method: string; series?: { count: number }; name?: string }[] {
  return server.calls.map(({ method, body }) => {
    const { metadata, series } = body as { metadata?: { name: string }; series?: { count: number } };
    return {
      method,
      ...(series ? { series: { count: series.count } } : {}),
      ...(metadata ? { name: metadata.name } : {}),
    };
  });
}

describe("events", () => {
  test("the same again is counted in the one object, until it has been quiet for long", async () => {
    for (const pauseMs of [0, 1000, 1000, 400_000]) {
      await clock.advance(pauseMs);
      recorder.record(event("a"));
      await writeAll();
    }
    expect(bodies()).toMatchObject([
      { method: "POST" },
      { method: "PATCH", series: { count: 2 } },
      { method: "PATCH", series: { count: 3 } },
      { method: "POST" },
    ]);
    expect(dropped).toBe(0);
  });

  test("different ones have names that differ and that an object may have", async () => {
    for (const name of ["a", "b", `${"long.".repeat(50)}end`]) {
      recorder.record(event(name, "One"));
      recorder.record(event(name, "Two"));
    }
    await writeAll();
    const names = bodies().map(({ name }) => name ?? "");
    expect(new Set(names).size).toBe(6);
    for (const name of names) expect(name).toMatch(/^(?=.{1,253}$)[a-z0-9]+([.-][a-z0-9]+)*$/);
  });

  test("a flood is bounded, and what is dropped is counted", () => {
    for (let index = 0; index < 1500; index += 1) recorder.record(event(`pod-${index}`));
    recorder.record(event("pod-1"));
    expect([queued.size, dropped]).toEqual([1000, 500]);
  });

  test("after a flood there is room again", async () => {
    for (let index = 0; index < 1500; index += 1) recorder.record(event(`pod-${index}`));
    await writeAll();
    recorder.record(event("late"));
    await writeAll();
    expect([server.calls.length, dropped]).toEqual([1001, 500]);
  });

  test("what the server refuses is dropped and counted, never thrown", async () => {
    server.answer = () => refusal(403, "Forbidden");
    recorder.record(event("a"));
    await writeAll();
    expect(dropped).toBe(1);
  });

  test("where there was no answer, it is for the queue to try again", async () => {
    server.answer = () => noAnswer("away");
    recorder.record(event("a"));
    await expect(writeAll()).rejects.toThrow("away");
    expect(dropped).toBe(0);
  });

  test("an event that expired under its series is written anew", async () => {
    recorder.record(event("a"));
    await writeAll();
    server.answer = () => refusal(404, "NotFound");
    recorder.record(event("a"));
    await writeAll();
    server.answer = () => ({});
    recorder.record(event("a"));
    await writeAll();
    expect(bodies().at(-1)).toMatchObject({ method: "POST", series: { count: 3 } });
  });
});

test("what the queue gives up waits no more, and a newer value of its series is no loss", () => {
  for (let index = 0; index < 1000; index += 1) recorder.record(event(`pod-${index}`));
  const [first] = queued.values();
  first?.gaveUp?.(new Superseded(first.key, "newer"));
  recorder.record(event("too-many"));
  expect(dropped).toBe(1);
  first?.gaveUp?.(new Superseded(first.key, "urgent"));
  recorder.record(event("fits"));
  expect([dropped, [...queued.keys()].some((key) => key.includes("fits"))]).toEqual([2, true]);
});
