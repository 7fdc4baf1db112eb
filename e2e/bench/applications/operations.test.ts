import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { followed, mostOverlapping, type Operation, OperationLog } from "./operations.ts";

const baseMs = Date.parse("2026-11-28T15:00:00Z");

/** @param finished null: it runs */
function operation(app: string, started: number, finished: number | null): Operation {
  const finishedMs = finished === null ? null : baseMs + finished * 1000;
  return {
    app,
    group: "a",
    startedMs: baseMs + started * 1000,
    finishedMs,
    phase: finished === null ? "Running" : "Succeeded",
  };
}

function taken(...operations: readonly Operation[]): OperationLog {
  const log = new OperationLog();
  for (const one of operations)
    log.take({ uid: one.app, namespace: "ns", name: one.app, sync: "OutOfSync", operation: one });
  return log;
}

describe("an Application of Argo CD", () => {
  const metadata = { name: "app-0001", namespace: "ns", uid: "u", labels: { group: "b" } };

  it("has no operation before its first", () => {
    const seen = followed({ metadata, status: { sync: { status: "OutOfSync" } } });
    expect(seen).toEqual({ uid: "u", namespace: "ns", name: "app-0001", sync: "OutOfSync", operation: null });
  });

  it("has one that runs, and one that has ended", () => {
    const running = { phase: "Running", startedAt: "2026-11-28T15:00:01Z" };
    expect(followed({ metadata, status: { operationState: running } }).operation).toEqual({
      app: "app-0001",
      group: "b",
      startedMs: baseMs + 1000,
      finishedMs: null,
      phase: "Running",
    });
    const ended = { ...running, phase: "Succeeded", finishedAt: "2026-11-28T15:00:03Z" };
    expect(followed({ metadata, status: { operationState: ended } }).operation).toMatchObject({
      finishedMs: baseMs + 3000,
      phase: "Succeeded",
    });
  });

  it("is complained of where its time is none, naming both", () => {
    const status = { operationState: { startedAt: "soon" } };
    expect(() => followed({ metadata, status })).toThrow("Application app-0001: soon is no time of an operation");
  });
});

describe("the operations that were heard of", () => {
  it("are one each, as they were last", () => {
    const log = taken(operation("x", 0, null), operation("x", 0, 2), operation("x", 5, null));
    expect(log.all()).toEqual([operation("x", 0, 2), operation("x", 5, null)]);
  });

  it("were as many at one time as had begun and not ended, also within one second", () => {
    const log = taken(
      operation("x", 0, null),
      operation("y", 0, null),
      operation("y", 0, 0),
      operation("x", 0, 0),
      operation("z", 0, null),
    );
    expect([log.mostRunning("a"), log.mostRunning("b")]).toEqual([2, 0]);
  });
});

describe("operations that overlapped for certain", () => {
  it.each([
    ["of none", [], 0],
    ["of one that lasted", [operation("x", 0, 1)], 1],
    ["of one that ended in its second", [operation("x", 0, 0)], 0],
    ["of one after the other in one second", [operation("x", 0, 2), operation("y", 2, 3)], 1],
    ["of one that began a second before the other's end", [operation("x", 0, 2), operation("y", 1, 3)], 2],
    ["of one that has not ended", [operation("x", 0, null), operation("y", 9, 10)], 2],
    ["of two and two", [operation("w", 0, 2), operation("x", 1, 3), operation("y", 2, 4), operation("z", 3, 5)], 2],
  ])("%s", (_, operations, most) => {
    expect(mostOverlapping(operations)).toBe(most);
  });

  it("are never more than there were, whenever within their seconds they began and ended", () => {
    const exact = fc.tuple(fc.nat(20_000), fc.nat(5_000));
    fc.assert(
      fc.property(fc.array(exact, { maxLength: 12 }), (spans) => {
        const truly = spans.map(([from]) => spans.filter(([a, ms]) => a <= from && from < a + ms).length);
        const written = spans.map(([from, ms], index) =>
          operation(String(index), Math.floor(from / 1000), Math.floor((from + ms) / 1000)),
        );
        expect(mostOverlapping(written)).toBeLessThanOrEqual(Math.max(0, ...truly));
      }),
    );
  });
});
