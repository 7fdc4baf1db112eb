import { expect, test } from "vitest";

import { Once } from "./once.ts";

test("says a thing when it becomes true and when it changes, and again after it was over", () => {
  const once = new Once();
  const said = ["full", "full", "fuller", undefined, undefined, "fuller"].map((text) => once.isNews("disk", text));
  expect(said).toEqual([true, false, true, false, false, true]);
  expect([once.holds("disk"), once.isNews("disk", undefined), once.holds("disk")]).toEqual([true, false, false]);
  expect(once.isNews("net", "down")).toBe(true);
  once.forget("net");
  expect(once.isNews("net", "down")).toBe(true);
});

test("forgets what it said longest ago when there is too much", () => {
  const once = new Once(2);
  for (const matter of ["a", "b", "c"]) once.isNews(matter, "x");
  expect(["c", "b", "a"].map((matter) => once.isNews(matter, "x"))).toEqual([false, false, true]);
});
