import { expect, it } from "vitest";

import { readOverride } from "./override.ts";

it.each([
  ["carla.ops/override: true", true],
  ["carla.ops: {override: true}", true],
  ['carla: {"ops/override": true}', true],
  ["carla: {ops: {override: true}}", true],
  ["carla.ops/override: yes", true],
  ["carla.ops: {override: On}", true],
  ["carla: {ops/override: TRUE}", true],
  ["\uFEFFcarla.ops/override: true\n", true],
  ["other: 1\ncarla: &c {ops: {override: true}}", true],
  ["x: &c {override: true}\ncarla.ops: *c", true],
  ['annotations: {carla.ops/override: "true"}', true],
  ['metadata: {annotations: {carla.ops/override: "True"}}', true],
  ["override: true", false],
  ["ops: {override: true}", false],
  ['carla.ops/override: "true"', false],
  ["carla.ops: {override: 'yes'}", false],
  ["carla.ops/override: y", false],
  ["carla.ops/override: 1", false],
  ["carla.ops/override: maybe", false],
  ["carla.ops/override: false", false],
  ["carla: {ops: true}", false],
  ["carla.ops/override:", false],
  ["", false],
  ["true", false],
  ["- carla.ops/override: true", false],
  ["carla.ops/override: true\ncarla.ops/override: true", false],
  ["carla.ops/override: [true", false],
])("R5: %j approves: %j", (text, approves) => {
  expect(readOverride(text).approves).toBe(approves);
});

it.each([
  ["override: true", "it does not say carla.ops/override: true"],
  ['carla.ops/override: "true"', "it does not say carla.ops/override: true"],
  ["carla.ops/override: [true", "it is not valid YAML"],
  ["carla.ops/override: true\nuntil: tomorrow", 'its until: "tomorrow" is not a time with a zone (RFC 3339)'],
  ["carla.ops/override: true\nat: 2026-03-28T20:00:00", "is not a time with a zone"],
])("R5: %j is told why not", (text, why) => {
  expect(readOverride(text).complaint).toContain(why);
});

it.each(["", "# nothing\n", "carla.ops/override: false", "carla: {ops: {override: no}}", "---\n"])(
  "R5: %j says no, and nothing is wrong with it",
  (text) => {
    expect(readOverride(text)).toEqual({ approves: false, atMs: null, untilMs: null, complaint: null });
  },
);

it.each(["untill", "untl", "Until", "carla.ops/untill"])("R15: a mistyped %s is not left out", (key) => {
  const { complaint } = readOverride(`carla.ops/override: true\n${key}: 2026-03-28T22:14:05Z`);
  expect(complaint).toBe(`its key ${key.split("/").at(-1)} is not known; did you mean until?`);
});

it("R15: what else stands beside an override is nobody's matter", () => {
  const text =
    "apiVersion: v1\nkind: Note\nmetadata: {name: a}\nwhy: audit\ncarla.ops/override: true\nat: 2026-03-28T22:14:05Z";
  expect(readOverride(text)).toMatchObject({ approves: true, complaint: null });
});

const untilMs = Date.parse("2026-03-28T22:14:05Z");

it.each([
  "carla.ops/override: true\nuntil: 2026-03-28T22:14:05Z",
  'carla.ops/override: true\ncarla.ops/until: "2026-03-29T00:14:05+02:00"',
  "carla.ops: {override: true, until: 2026-03-28T22:14:05.000Z}",
  "carla: {ops: {override: true, until: 2026-03-28T22:14:05Z}}",
])("R2: %j says until when", (text) => {
  expect(readOverride(text)).toEqual({ approves: true, atMs: null, untilMs, complaint: null });
});
