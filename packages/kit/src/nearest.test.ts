import { expect, it } from "vitest";

import { nearestOf } from "./nearest.ts";

it("the word that was meant is the one that takes the fewest edits, if they are few", () => {
  const words = ["completions", "demand", "selector"];
  expect(
    ["completion", "Demand", "slector", "padding", "x".repeat(60_000)].map((key) => nearestOf(key, words)),
  ).toEqual(["completions", "demand", "selector", null, null]);
});
