import { describe, expect, it } from "vitest";

import type { Operation } from "./operations.ts";
import type { Request } from "./requests.ts";
import { measure, type Measured, ratiosOf, rowsOf } from "./report.ts";

const opensMs = Date.parse("2026-11-28T15:00:00Z");
const atOnce = { a: 10, b: 6, c: 4 };
/** The freeze is asked for in the middle of a second, and lifted in another. */
const moments = {
  opensMs,
  closesMs: opensMs + 100_000,
  frozenMs: opensMs + 40_500,
  unfreezingMs: opensMs + 60_200,
  unfrozenMs: opensMs + 60_700,
};

/** Seconds after the opening. */
function operation(started: number, finished: number | null, phase = "Succeeded"): Operation {
  const finishedMs = finished === null ? null : opensMs + finished * 1000;
  return { app: `app-${started}`, group: "a", startedMs: opensMs + started * 1000, finishedMs, phase };
}

/** One after the opening, one before the freeze that goes on in it, one after it. */
const usual = [operation(2, 3), operation(38, 42), operation(61, 62)];

/** Each operation was asked for a second before it began. */
function requestsOf(operations: readonly Operation[]): Request[] {
  return operations.map(({ app, startedMs }) => ({ app, atMs: startedMs - 1_000 }));
}

function measured(operations: readonly Operation[], applications = 1_000, most = atOnce): Measured {
  return measure({ operations, requests: requestsOf(operations), atOnce: most, applications }, moments);
}

describe("what Argo CD has written down", () => {
  it("tells the latest moment that its whole seconds allow", () => {
    expect(measured(usual)).toMatchObject({ toFirstSeconds: 3, toFreezeSeconds: 0, toThawSeconds: 1.3, outside: 0 });
  });

  it.each([
    ["in the second of the command's return", 40, 0.5],
    ["after it", 41, 1.5],
    ["much later", 55, 15.5],
  ])("tells of what began in the freeze %s", (_, started, seconds) => {
    expect(measured([...usual, operation(started, started + 1)]).toFreezeSeconds).toBe(seconds);
  });

  it("tells that what was lifted acted before the command had returned", () => {
    expect(measured([...usual, operation(60, 61)]).toThawSeconds).toBeCloseTo(0.3);
  });

  it.each([-1, 100, 120])("tells what began outside of the window: at %d s", (started) => {
    expect(measured([...usual, operation(started, started + 1)]).outside).toBe(1);
  });

  it("tells what was under way at the freeze, and did not end well", () => {
    const some = [...usual, operation(39, 40, "Failed"), operation(40, null, "Running"), operation(30, 39, "Failed")];
    expect(measured(some)).toMatchObject({ underWay: 3, cutShort: 2 });
  });

  it("counts what succeeded, and the time in which it could", () => {
    const { released, openSeconds } = measured([...usual, operation(70, 71, "Failed")]);
    expect([released, openSeconds]).toEqual([3, 79.8]);
  });

  it.each([
    ["nothing began after the opening", [operation(61, 62)], "no operation began after the opening"],
    ["nothing began after the freeze", [operation(2, 3)], "no operation began after the unfreezing"],
  ])("is refused where %s", (_, operations, complaint) => {
    expect(() => measured(operations)).toThrow(complaint);
  });

  it("is refused where nothing was left to be held back", () => {
    expect(() => measured(usual, 3)).toThrow("all 3 were released");
  });
});

describe("the benchmark's claims", () => {
  it("are ratios to goals, and counts", () => {
    const late = measured([...usual, operation(41, 42)], 1_000, { a: 11, b: 7, c: 4 });
    expect(ratiosOf(late)).toEqual({
      firstAgainstGoal: 0.6,
      freezeAgainstGoal: 0.75,
      outside: 0,
      overBudget: 2,
      cutShort: 0,
    });
  });

  it("have a row each, with what they may be at most", () => {
    const rows = rowsOf(measured(usual), 1_000);
    expect(rows).toContainEqual({ what: "opening to the first operation, s", measured: 3, "at most": 5 });
    expect(rows).toContainEqual({ what: "at one time, group c", measured: 4, "at most": 4 });
    expect(rows).toContainEqual({ what: "asked until begun, 99 %, s", measured: 1, "at most": "" });
    expect(rows).toContainEqual({ what: "released a second", measured: 0.04, "at most": "" });
  });
});
