import { expect, it } from "vitest";

import type { Operation } from "./operations.ts";
import { requestsOf, waits } from "./requests.ts";

const atMs = Date.parse("2026-11-28T15:00:00.400Z");

function began(app: string, afterMs: number): Operation {
  return { app, group: "a", startedMs: atMs + afterMs, finishedMs: null, phase: "Running" };
}

it("requests are those lines of the journal that say so", () => {
  const lines = [
    '{"event":"asked","app":"x","at":"2026-11-28T15:00:00.400Z","id":"1"}',
    '{"event":"succeeded","app":"x","at":"2026-11-28T15:00:09.000Z","id":"1"}',
  ];
  expect(requestsOf(lines)).toEqual([{ app: "x", atMs }]);
  expect(() => requestsOf(['{"event":"asked","app":"x","at":"soon"}'])).toThrow("at");
});

it("a wait is from the request to the next operation of its application", () => {
  const requests = ["x", "y", "z"].map((app) => ({ app, atMs }));
  const operations = [began("x", -30_000), began("x", 2_600), began("x", 60_000), began("y", -400)];
  expect(waits(requests, operations)).toEqual([0, 2.6]);
});
