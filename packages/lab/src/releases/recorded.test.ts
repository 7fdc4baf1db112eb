import { describe, expect, it } from "vitest";

import { sceneFromRecording } from "./recorded.ts";
import { appOf, defaultPolicy, hourMs, mondayMs } from "./testing.ts";
import type { Scene } from "./world.ts";

function sceneFrom(...lines: readonly unknown[]): Scene {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  const options = { seed: 1, days: 7, policy: defaultPolicy, apps: [appOf("a"), appOf("b")] };
  return sceneFromRecording({ file: "week.jsonl", text }, options);
}

const push = { at: "2026-02-03T10:00:00+02:00", app: "b", revision: "abc" };
const reading = { at: "2026-02-02T12:00:00+02:00", cpu: 0.3, memory: 0.4 };

describe("a recorded week", () => {
  it("begins at local midnight before its first line and holds pushes in order", () => {
    const { week, arrivals } = sceneFrom(push, "", { ...push, at: "2026-02-02T09:00:00Z", app: "a" }, reading);
    expect(week.startMs).toBe(mondayMs);
    expect(arrivals.map(({ app, atMs }) => [app, (atMs - mondayMs) / hourMs])).toEqual([
      [0, 11],
      [1, 34],
    ]);
  });

  it("takes a reading to hold for five minutes and load to be unknown without one", () => {
    const { load, week } = sceneFrom(reading);
    const noon = (12 * hourMs) / week.tickMs;
    expect(Array.from(load.cpu.slice(noon - 1, noon + 11))).toEqual([NaN, ...Array(10).fill(0.3), NaN]);
    expect(load.memory[noon]).toBe(0.4);
  });

  it.each([
    ["{", 'week.jsonl:2: "{" is not JSON'],
    [{ ...push, app: "c" }, 'week.jsonl:2.app: "c" is not in apps.yaml'],
    [{ ...push, at: "2026-02-03T10:00:00" }, 'week.jsonl:2.at: "2026-02-03T10:00:00" is not valid'],
    [{ ...reading, cpu: 40 }, "week.jsonl:2.cpu: 40 is not valid"],
    [{ at: push.at, cpu: 0.4 }, "week.jsonl:2.memory: undefined is not valid"],
    [7, "week.jsonl:2: 7 is not valid"],
  ])("complains of %j", (line, complaint) => {
    expect(() => sceneFrom(reading, line)).toThrow(complaint);
  });

  it("complains of a file without lines", () => {
    expect(() => sceneFrom("")).toThrow("week.jsonl");
  });
});
