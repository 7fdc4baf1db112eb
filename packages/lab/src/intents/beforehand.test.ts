import { describe, expect, it } from "vitest";

import { fewestMissed, type Fleet, fleetOf } from "./beforehand.ts";

/** One core misses a busy minute, two miss none. */
const fleets: readonly Fleet[] = [
  { pods: 1, chances: [0, 0, 1, 0] },
  { pods: 2, chances: [0, 0, 0, 0] },
];

const minutes = (count: number): number => count / 60;

describe("who knows the day beforehand", () => {
  it("misses nothing where there is CPU for the busy minute and for the start before it", () => {
    expect(fewestMissed(fleets, minutes(5.5))).toBeCloseTo(0, 6);
  });

  it("misses what there is no CPU for", () => {
    expect(fewestMissed(fleets, minutes(4))).toBeCloseTo(1, 6);
    // The dual is below what whole minutes allow: a part of the CPU helps with a part of the chance.
    expect(fewestMissed(fleets, minutes(4.75))).toBeCloseTo(0.5, 6);
  });

  it("misses no more than any schedule for the same CPU, found by trying all", () => {
    const three: readonly Fleet[] = [
      { pods: 1, chances: [0.2, 0.9, 0.8, 0.1, 0.7] },
      { pods: 2, chances: [0.1, 0.5, 0.3, 0, 0.2] },
      { pods: 3, chances: [0, 0.1, 0, 0, 0] },
    ];
    for (const { missed, coreMinutes } of allOf(three))
      expect(fewestMissed(three, minutes(coreMinutes))).toBeLessThanOrEqual(missed + 1e-9);
  });

  it("takes no lighter minute for a worse one", async () => {
    const requests = Float64Array.from({ length: 1_800 }, (_, second) => (Math.floor(second / 60) % 3) * 5 + 25);
    const { chances } = await fleetOf({ requests, seed: 8, release: null }, 3);
    const [light = 1, middle = 1, heavy = 1] = chances.slice(3);
    expect(light).toBeLessThanOrEqual(middle);
    expect(middle).toBeLessThanOrEqual(heavy);
    expect(chances.filter((_, minute) => minute % 3 === 1)).toEqual(Array.from({ length: 10 }, () => middle));
  });

  it("takes chances from a played day: few pods miss each minute, many miss none", async () => {
    const day = { requests: new Float64Array(1_200).fill(40), seed: 7, release: null };
    const [few, many] = [await fleetOf(day, 2), await fleetOf(day, 12)];
    expect(few.chances).toHaveLength(20);
    expect(Math.min(...few.chances.slice(2))).toBeGreaterThan(0.5);
    expect(Math.max(...many.chances)).toBeLessThan(0.001);
  });
});

function allOf(among: readonly Fleet[]): { missed: number; coreMinutes: number }[] {
  const length = among[0]?.chances.length ?? 0;
  return Array.from({ length: among.length ** length }, (_, code) => {
    let [missed, coreMinutes, before] = [0, 0, Infinity];
    for (let minute = 0; minute < length; minute += 1) {
      const { pods, chances } = among[Math.floor(code / among.length ** minute) % among.length]!;
      missed += chances[minute] ?? 0;
      coreMinutes += pods + Math.max(0, pods - before) / 2;
      before = pods;
    }
    return { missed, coreMinutes };
  });
}
