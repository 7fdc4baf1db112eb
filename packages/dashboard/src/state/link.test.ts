import { expect, it } from "vitest";

import { bannerOf, connecting, linkAfter, linkWord } from "./link.ts";

const heard = { kind: "heard", nowMs: 1_000 } as const;
const lost = { kind: "lost", why: "the stream broke off", retryMs: 2_000 } as const;

it("what was heard once is stale when nothing is heard", () => {
  const live = linkAfter(connecting, heard);
  const stale = linkAfter(live, lost);
  expect([connecting, live, stale, linkAfter(stale, heard)].map(linkWord)).toEqual([
    "connecting",
    "live",
    "stale",
    "live",
  ]);
  expect(bannerOf(live, 5_000, true, "a")).toBeNull();
  expect(bannerOf(stale, 13_000, true, "a")).toBe(
    "What you see is 12 s old: the stream broke off. It is tried again in 2 s.",
  );
  expect(linkAfter(stale, lost)).toEqual(stale);
});

it("before anything was heard there is nothing to be old", () => {
  expect(bannerOf(linkAfter(connecting, lost), 0, null, null)).toBe(
    "Nothing was heard yet: the stream broke off. It is tried again in 2 s.",
  );
});

it("a replica that does not lead says who does", () => {
  const live = linkAfter(connecting, heard);
  expect(bannerOf(live, 0, false, "walras-1")).toContain("walras-1 does");
  expect(bannerOf(live, 0, false, null)).toContain("no replica that is known");
});
