import { join } from "node:path";

import { expect, it } from "vitest";

import { circlesIn, circlesOf } from "./circles.ts";

it("no files of the packages import each other in a circle, types included", () => {
  expect(circlesIn(join(import.meta.dirname, ".."))).toEqual([]);
});

it("circles are found where there are some", () => {
  const imports = new Map([
    ["entry", ["a", "b"]],
    ["a", ["leaf", "b"]],
    ["b", ["c", "leaf"]],
    ["c", ["a"]],
    ["self", ["self"]],
    ["other", ["c"]],
    ["leaf", []],
  ]);
  expect(circlesOf(imports)).toEqual([["a", "b", "c"], ["self"]]);
});
