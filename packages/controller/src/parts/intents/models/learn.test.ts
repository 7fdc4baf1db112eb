import { seededRng } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cpuLatency, type CpuParameters } from "./cpu.ts";
import { modelsOf, readEffects } from "./effects.ts";
import { learnCpu, type Learnt, learnReplicas, type Observation } from "./learn.ts";
import { fitCurve } from "./levenbergMarquardt.ts";
import { solve } from "./linear.ts";
import { predictReplicas, replicaLatency } from "./replicas.ts";

/** Normal noise by Box and Muller's transform. */
function noiseOf(seed: number): (deviation: number) => number {
  const rng = seededRng(seed);
  return (deviation) => deviation * Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}

const sizes = [250, 500, 750, 1_000, 1_500, 2_000, 2_500];

function cpuRows(parameters: CpuParameters, noise: () => number): Observation[] {
  return sizes.flatMap((cpuMilli) =>
    Array.from({ length: 6 }, () => ({
      latency: cpuLatency(parameters, cpuMilli / 1000) + noise(),
      load: 10,
      replicas: 1,
      cpuMilli,
    })),
  );
}

function replicaRows(latencyAt: (t: number, n: number) => number): Observation[] {
  const loads = [6.4, 12, 18, 25, 31, 37.2];
  return [1, 2, 3, 4].flatMap((replicas) =>
    loads.map((load) => ({
      latency: latencyAt((load - 6.4) * (4 / 30.8) + 1, replicas),
      load,
      replicas,
      cpuMilli: 500,
    })),
  );
}

function learntOf(learnt: Learnt | string): Learnt {
  if (typeof learnt === "string") throw new Error(learnt);
  return learnt;
}

const poptOf = ({ data }: Learnt): readonly number[] => (data["popt"] as readonly (readonly number[])[])[0] ?? [];

describe("latency by CPU, learnt", () => {
  const truth: CpuParameters = [248.7, 1.83, 66.5];

  it("finds the parameters that rows were made with", () => {
    const noise = noiseOf(1);
    const learnt = learntOf(learnCpu(cpuRows(truth, () => noise(2))));
    const [p0 = 0, p1 = 0, p2 = 0] = poptOf(learnt);
    expect(Math.abs(p0 / truth[0] - 1)).toBeLessThan(0.05);
    expect(Math.abs(p1 / truth[1] - 1)).toBeLessThan(0.05);
    expect(Math.abs(p2 / truth[2] - 1)).toBeLessThan(0.05);
    expect(learnt.data["deviation"]).toBeGreaterThan(1);
    expect(learnt.data["deviation"]).toBeLessThan(3);
    expect(learnt.data["cpuRange"]).toEqual([0.25, 2.5]);
    const errors = learnt.data["standardErrors"] as readonly number[];
    expect(Math.abs(p1 - truth[1])).toBeLessThan(4 * (errors[1] ?? 0));
  });

  it("is exact without noise, whatever the parameters", () => {
    const parameters = fc.tuple(
      fc.double({ min: 20, max: 500, noNaN: true }),
      fc.double({ min: 0.3, max: 4, noNaN: true }),
      fc.double({ min: 1, max: 200, noNaN: true }),
    );
    fc.assert(
      fc.property(parameters, (made) => {
        const found = poptOf(learntOf(learnCpu(cpuRows(made, () => 0)))) as unknown as CpuParameters;
        for (const size of sizes) {
          const expected = cpuLatency(made, size / 1000);
          expect(Math.abs(cpuLatency(found, size / 1000) / expected - 1)).toBeLessThan(0.01);
        }
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it("leaves out what is far away from everything else", () => {
    const noise = noiseOf(2);
    const rows = cpuRows(truth, () => noise(1)).map((row, index) => (index % 8 === 0 ? { ...row, latency: 900 } : row));
    const learnt = learntOf(learnCpu(rows));
    expect(learnt.outliers).toBeGreaterThanOrEqual(6);
    expect(Math.abs(cpuLatency(poptOf(learnt) as unknown as CpuParameters, 1) / cpuLatency(truth, 1) - 1)).toBeLessThan(
      0.05,
    );
  });

  it("stays within its bounds", () => {
    const steep = poptOf(learntOf(learnCpu(cpuRows([1e4, 9, 50], () => 0))));
    expect(steep[1]).toBeLessThanOrEqual(5);
    const flat = poptOf(learntOf(learnCpu(cpuRows([0, 1, 50], () => 0))));
    expect(flat[1]).toBeGreaterThanOrEqual(0.2);
    expect(Math.min(...steep, ...flat)).toBeGreaterThanOrEqual(0);
  });

  it("says what it lacks", () => {
    expect(learnCpu(cpuRows(truth, () => 0).slice(0, 19))).toBe("19 of 20 rows that it takes");
    const one = cpuRows(truth, () => 0).map((row) => ({ ...row, cpuMilli: 500 }));
    expect(learnCpu(one)).toBe("one size says nothing of another");
    expect(learnCpu(cpuRows(truth, () => 0).map((row) => ({ ...row, replicas: 2 })))).toBe(
      "0 of 20 rows that it takes",
    );
  });
});

describe("latency by replicas, learnt", () => {
  const truth = [57.9, 0.32, 1, 0.042] as const;

  it("finds the parameters that rows were made with, and scales load as the prototype does", () => {
    const noise = noiseOf(4);
    const { data } = learntOf(learnReplicas(replicaRows((t, n) => replicaLatency(truth, t, n) * (1 + noise(0.02)))));
    const [a = 0, p1 = 0, p2, p3 = 0] = data["popt"] as readonly number[];
    expect(p2).toBe(1);
    expect(Math.abs(a / truth[0] - 1)).toBeLessThan(0.1);
    expect(Math.abs(p1 / truth[1] - 1)).toBeLessThan(0.1);
    expect(Math.abs(p3 / truth[3] - 1)).toBeLessThan(0.1);
    expect(data["replicaRange"]).toEqual([1, 4]);
    const [factor = 0, offset = 0] = data["throughputScale"] as readonly number[];
    expect([factor, offset].map((one) => one.toFixed(6))).toEqual(["0.129870", "0.168831"]);
  });

  it("is a document that plans are made from", () => {
    const { data } = learntOf(learnReplicas(replicaRows((t, n) => replicaLatency(truth, t, n))));
    const effect = { name: "default/i", group: "scaling", profileName: "default/p99", data };
    const query = { intent: "default/i", since: null, file: "effects" };
    const model = modelsOf(readEffects([effect], "effects"), query).replicas.get("default/p99");
    expect(predictReplicas(model!, 24.3, 3)).toBeCloseTo(replicaLatency(truth, (24.3 - 6.4) * (4 / 30.8) + 1, 3), 3);
    expect(predictReplicas(model!, 24.3, 5)).toBeNull();
  });

  it("says what it lacks", () => {
    const rows = replicaRows((t, n) => replicaLatency(truth, t, n));
    expect(learnReplicas(rows.slice(0, 9))).toBe("9 of 10 rows that it takes");
    expect(learnReplicas(rows.map((row) => ({ ...row, replicas: 2 })))).toBe(
      "one number of replicas says nothing of another",
    );
    expect(learnReplicas(rows.map((row) => ({ ...row, load: null })))).toBe("0 of 10 rows that it takes");
  });
});

describe("least squares", () => {
  it("of a line are the line, with no errors", () => {
    const fit = fitCurve({
      seen: [1, 3, 5, 7],
      at: ([a = 0, b = 0], point) => a + b * point,
      start: [0, 0],
      least: [-10, -10],
      most: [10, 10],
    });
    expect(fit.parameters[0]).toBeCloseTo(1, 6);
    expect(fit.parameters[1]).toBeCloseTo(2, 6);
    expect(fit.deviation).toBeCloseTo(0, 6);
  });

  it("say nothing of a parameter that no point tells of", () => {
    const fit = fitCurve({ seen: [2, 2], at: ([a = 0]) => a, start: [1, 1], least: [0, 0], most: [9, 9] });
    expect(fit.parameters[0]).toBeCloseTo(2, 6);
    expect(fit.standardErrors).toBeNull();
  });

  it("solve small systems, and tell those that have no solution", () => {
    expect(
      solve(
        [
          [0, 2],
          [1, 1],
        ],
        [4, 3],
      ),
    ).toEqual([1, 2]);
    expect(
      solve(
        [
          [1, 2],
          [2, 4],
        ],
        [1, 2],
      ),
    ).toBeNull();
  });
});
