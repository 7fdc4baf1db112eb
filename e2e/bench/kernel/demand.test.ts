import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { phasesOf, readDemands } from "./demand.ts";

const demand = `
  name: steady
  costMs: 10
  arrivals: poisson
  learnSeconds: 10
  seconds: 20
  request: 100m
  limit: 400m
  apartMs: 12
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-demand-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(text: string): ReturnType<typeof readDemands> {
  const file = join(folder, "demands.yaml");
  writeFileSync(file, `demands:\n- ${text.trim()}\n`);
  return readDemands(file);
}

describe("a file of demands", () => {
  it("is what the benchmark comes with", () => {
    const { demands, overload } = readDemands(join(import.meta.dirname, "demands.yaml"));
    expect(demands.length).toBe(8);
    const wanted = (overload?.tenants ?? []).reduce((sum, { cores }) => sum + cores, 0) + 0.3;
    expect(wanted / 2).toBeCloseTo(1.5);
  });

  it("names the field and the value that are wrong", () => {
    const phases = "phases: [{ seconds: 1, perSecond: 2 }]";
    expect(() => read(`${demand}  ${phases}`.replace("100m", "much"))).toThrow(/demands\.0\.request: "much"/);
    expect(() => read(`${demand}  ${phases}`.replace("costMs: 10", "costMs: -1"))).toThrow(/demands\.0\.costMs: -1/);
    expect(() => read(`${demand}  ${phases}\n  unknown: 1`)).toThrow(/unknown/);
  });

  it("needs phases or a recording, and a mean for a recording", () => {
    expect(() => read(demand)).toThrow(/"steady" needs either phases or trace/);
    expect(() => read(`${demand}  trace: a.txt`)).toThrow(/perSecond: undefined is needed beside trace/);
    expect(() => read(`${demand}  phases: [{ seconds: 1, perSecond: 2 }]\n  startCpuMs: 5`)).toThrow(/restartSeconds/);
  });

  it("squeezes a recording into the run and scales it to its mean", () => {
    writeFileSync(join(folder, "a.txt"), "10\n30\n20\n");
    const [one] = read(`${demand}  trace: a.txt\n  perSecond: 4`).demands;
    expect(phasesOf(one!, folder)).toEqual([
      { seconds: 10, perSecond: 2 },
      { seconds: 10, perSecond: 6 },
      { seconds: 10, perSecond: 4 },
    ]);
  });
});
