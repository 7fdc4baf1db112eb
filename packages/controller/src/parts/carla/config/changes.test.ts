import { expect, it } from "vitest";

import { changesBetween } from "./changes.ts";

const between = (before: Record<string, string>, after: Record<string, string>): string[] =>
  changesBetween(new Map(Object.entries(before)), new Map(Object.entries(after)));

it.each([
  ["tick: {seconds: 30}", "tick: {seconds: 10}", ["tick.seconds: 30 → 10"]],
  ["tick: {seconds: 30}", "tick: {seconds: 30} # slowly", []],
  ["a: 1", "a: 1\ntelemetry:\n  prometheus_url: http://p", ['telemetry.prometheus_url: (none) → "http://p"']],
  [
    "windows: {block: [{day: SAT}]}",
    "windows: {block: []}",
    ['windows.block[0].day: "SAT" → (none)', "windows.block: (none) → []"],
  ],
  ["apps: [{name: a, r_i: 1}, {name: b}]", "apps: [{name: b}, {name: a, r_i: 2}]", ["apps[a].r_i: 1 → 2"]],
  [
    "apps: [{name: a, namespace: x, risk: 0}, {name: a, namespace: y, risk: 0}]",
    "apps: [{name: a, namespace: y, risk: 0}, {name: a, namespace: x, risk: 1}]",
    ["apps[x/a].risk: 0 → 1"],
  ],
  ["argo: {verify_tls: true}", "argo:", ["argo.verify_tls: true → (none)", "argo: (none) → null"]],
  ["{", "a: 1", ["a: (none) → 1"]],
])("R7: from %j to %j changes %j", (before, after, changes) => {
  expect(between({ "/c/policy.yaml": before }, { "/c/policy.yaml": after }).toSorted()).toEqual(changes.toSorted());
});

it("R7: holidays have other days, files that are new are no change, and what is too much is counted", () => {
  expect(
    between({ "/c/ro.ics": "BEGIN:VCALENDAR\n1" }, { "/c/ro.ics": "\uFEFFBEGIN:VCALENDAR\n2", "/c/uk.ics": "3" }),
  ).toEqual(["ro.ics: other days"]);
  const many = (from: number): string => Array.from({ length: 25 }, (_, index) => `k${index}: ${from}`).join("\n");
  const changes = between({ policy: many(1) }, { policy: many(2) });
  expect([changes.length, changes.at(-1)]).toEqual([21, "and 5 more"]);
});
