import { expect, it } from "vitest";

import { indexOf, moved, pageOf, pageSize } from "./list.ts";

it("a cursor stays in its list", () => {
  expect(moved(0, 0, "down")).toBe(-1);
  expect(moved(-1, 9, "down")).toBe(0);
  expect((["up", "down", "first", "last", "pageUp", "pageDown"] as const).map((move) => moved(60, 100, move))).toEqual([
    59, 61, 0, 99, 10, 99,
  ]);
  expect(moved(99, 100, "down")).toBe(99);
});

it("a page has the cursor", () => {
  expect(pageOf(-1, 0)).toEqual({ from: 0, until: 0 });
  expect(pageOf(pageSize - 1, 120)).toEqual({ from: 0, until: pageSize });
  expect(pageOf(pageSize, 120)).toEqual({ from: 50, until: 100 });
  expect(pageOf(119, 120)).toEqual({ from: 100, until: 120 });
});

it("who was chosen is followed; where they are gone the next one is chosen", () => {
  expect(indexOf(["a", "b", "c"], "c", 0)).toBe(2);
  expect(indexOf(["a", "b"], "c", 2)).toBe(1);
  expect(indexOf(["a", "b"], null, 0)).toBe(0);
  expect(indexOf([], "a", 3)).toBe(-1);
});
