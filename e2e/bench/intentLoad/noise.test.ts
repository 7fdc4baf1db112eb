import { seededRng } from "@walras/kit";
import { expect, it } from "vitest";

import { noisePhases, reversals } from "./noise.ts";

it("draws a rate for each few seconds, within its bounds", () => {
  const phases = noisePhases({ least: 16, most: 24, eachSeconds: 5 }, 600, seededRng(1));
  expect(phases).toHaveLength(120);
  expect(phases.every(({ seconds, perSecond }) => seconds === 5 && perSecond >= 16 && perSecond <= 24)).toBe(true);
  expect(new Set(phases.map(({ perSecond }) => perSecond)).size).toBeGreaterThan(100);
});

it.each([
  { numbers: [1, 3, 5, 5], times: 0 },
  { numbers: [5, 4, 4, 1], times: 0 },
  { numbers: [1, 5, 1], times: 0 },
  { numbers: [5, 4, 4, 5], times: 1 },
  { numbers: [5, 4, 5, 3, 1, 2], times: 2 },
])("counts that $numbers rose $times times after a fall", ({ numbers, times }) => {
  expect(reversals(numbers)).toBe(times);
});
