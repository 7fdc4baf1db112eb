import { expect, it } from "vitest";

import { podTimeLine } from "../testing/pod.ts";

import { changeText, cpuColumns, lastText, priceColumns, throttlingColumns } from "./timeline.ts";

const pod = podTimeLine();

it("columns are as long as time, in cores, and what is not known stays so", () => {
  for (const columns of [cpuColumns(pod), throttlingColumns(pod), priceColumns(pod)])
    expect(new Set(columns.map(({ length }) => length))).toEqual(new Set([900]));
  const [, used, , limit] = cpuColumns(pod);
  expect([used?.[430], limit?.[0]]).toEqual([null, 1]);
});

it("a decision says what it changed", () => {
  expect(pod.decisions.map(changeText)).toEqual(["limit 1 → 2.25", "request 500m → 750m", "limit 2.25 → 1.79"]);
  const [first] = pod.decisions;
  expect(first && changeText({ ...first, from: null })).toBeNull();
  expect(first && changeText({ ...first, to: first.from })).toBeNull();
  expect(first && changeText({ ...first, to: { requestMilli: 500, limitMilli: null } })).toBe("limit 1 → none");
});

it("the end is told in words", () => {
  expect(lastText(pod)).toMatch(/^900 samples; at the end use is 1\.\d+, request 750m, limit 1\.79, throttled \d+m\.$/);
  const { points } = pod;
  expect(lastText({ ...pod, points: { ...points, used: [null], t: [1] } })).toContain("use is unknown");
  expect(lastText({ ...pod, points: { ...points, t: [] } })).toBe("No sample yet.");
});
