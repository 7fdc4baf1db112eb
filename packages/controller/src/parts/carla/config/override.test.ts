import { expect, it } from "vitest";

import { readOverride } from "./override.ts";

it.each([
  ["carla.ops/override: true", true],
  ["carla: {ops: {override: true}}", true],
  ["override: true", true],
  ['annotations: {carla.ops/override: "true"}', true],
  ['metadata: {annotations: {carla.ops/override: "True"}}', true],
  ["override: false", false],
  ["override: 1", false],
  ["override: maybe", false],
  ["carla: {ops: true}", false],
  ["carla.ops/override:", false],
  ["", false],
  ["true", false],
  ["- override: true", false],
  ["override: true\noverride: true", false],
  ["override: [true", false],
])("%j approves: %j", (text, approves) => {
  expect(readOverride(text)).toBe(approves);
});
