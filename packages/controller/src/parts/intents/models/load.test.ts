import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { loadGroup, modelsOf, readEffects } from "./effects.ts";
import type { Learnt, Observation } from "./learn.ts";
import { learnLoad } from "./learnLoad.ts";
import { busyOf, knowsLoad, loadLatency, type LoadModel, type LoadParameters, predictLoad } from "./load.ts";

/** 5 ms beside, 20 ms of CPU, which is 0.02 cores for a request each second. */
const truth: LoadParameters = [5, 20, 30, 0.02];

const model: LoadModel = {
  parameters: truth,
  pinned: false,
  loadRange: [20, 200],
  replicaRange: [1, 8],
  coreRange: [0.5, 2],
  mostBusy: 0.9,
  relativeDeviation: 0.1,
};

function rowsOf(of: LoadParameters, noise: () => number): Observation[] {
  const points = [20, 60, 100, 150, 200].flatMap((load) =>
    [2, 3, 4, 8].flatMap((replicas) => [500, 750, 1_000].map((cpuMilli) => ({ load, replicas, cpuMilli }))),
  );
  const steady = points.filter(({ cpuMilli, ...point }) => busyOf(of, { ...point, cores: cpuMilli / 1000 }) < 0.95);
  return steady.flatMap((point) =>
    Array.from({ length: 3 }, () => ({
      ...point,
      latency: loadLatency(of, { ...point, cores: point.cpuMilli / 1000 }) * noise(),
    })),
  );
}

/** Within a tenth. */
function noiseOf(seed: number): () => number {
  const rng = seededRng(seed);
  return () => 0.9 + 0.2 * rng();
}

function learntOf(learnt: Learnt | string): Learnt {
  if (typeof learnt === "string") throw new Error(learnt);
  return learnt;
}

function modelFrom({ data }: Learnt): LoadModel {
  const effect = { name: "default/i", group: loadGroup, profileName: "default/p99", data };
  const query = { intent: "default/i", since: null, file: "effects" };
  const found = modelsOf(readEffects([effect], "effects"), query).load.get("default/p99");
  if (found === undefined) throw new Error("no model");
  return found;
}

describe("latency by load, CPU and replicas", () => {
  it("is M/M/1's mean where a core serves whom it serves alone", () => {
    // 20 ms of service, half busy: 40 ms.
    expect(loadLatency([0, 20, 20, 0.02], { load: 25, replicas: 1, cores: 1 })).toBeCloseTo(40, 9);
    // Half a core is half as fast: 40 ms of service, half busy by half as much.
    expect(loadLatency([0, 20, 20, 0.02], { load: 12.5, replicas: 1, cores: 0.5 })).toBeCloseTo(80, 9);
    // Two replicas share the load.
    expect(loadLatency([0, 20, 20, 0.02], { load: 50, replicas: 2, cores: 1 })).toBeCloseTo(40, 9);
  });

  it("waits for two cores as Sakasegawa approximates M/M/2", () => {
    // M/M/2 at ρ = 0.8 waits for 1.78 times the service; the approximation is within 2 %.
    const wait = loadLatency([0, 0, 1, 0.02], { load: 80, replicas: 1, cores: 2 });
    expect(Math.abs(wait / (0.64 / (1 - 0.64)) - 1)).toBeLessThan(0.03);
  });

  it("falls with CPU and replicas, and rises with load", () => {
    const at = (load: number, replicas: number, cores: number): number => loadLatency(truth, { load, replicas, cores });
    expect(at(60, 2, 1)).toBeLessThan(at(60, 2, 0.75));
    expect(at(60, 3, 1)).toBeLessThan(at(60, 2, 1));
    expect(at(60, 2, 1)).toBeLessThan(at(80, 2, 1));
    expect(at(60, 2, 2)).toBeLessThan(at(60, 2, 1));
  });

  it("is not told of what was not seen", () => {
    expect(predictLoad(model, { load: 201, replicas: 4, cores: 1 })).toBeNull();
    expect(predictLoad(model, { load: 100, replicas: 9, cores: 1 })).toBeNull();
    expect(predictLoad(model, { load: 100, replicas: 4, cores: 2.1 })).toBeNull();
    expect(predictLoad(model, { load: 100, replicas: 4, cores: 0.4 })).toBeNull();
    expect(predictLoad(model, { load: 1, replicas: 4, cores: 1 })).toEqual(
      predictLoad(model, { load: 20, replicas: 4, cores: 1 }),
    );
    expect([knowsLoad(model, 200), knowsLoad(model, 201), knowsLoad(model, null), knowsLoad(undefined, 9)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it("tells what is busier than anything that was seen from what was", () => {
    expect(predictLoad(model, { load: 90, replicas: 2, cores: 1 })?.busy).toBeCloseTo(model.mostBusy, 9);
    const beyond = predictLoad(model, { load: 200, replicas: 1, cores: 0.5 });
    expect(beyond?.busy).toBeCloseTo(8, 9);
    expect(beyond?.latency).toBeGreaterThan(9_000);
    expect(Number.isFinite(beyond?.latency)).toBe(true);
  });
});

describe("latency by load, CPU and replicas, learnt", () => {
  it("foretells what rows were made with, and keeps how sure it is", () => {
    const learnt = learntOf(learnLoad(rowsOf(truth, noiseOf(1))));
    const found = modelFrom(learnt);
    expect(Math.abs(found.parameters[3] / truth[3] - 1)).toBeLessThan(0.05);
    for (const point of [
      { load: 100, replicas: 3, cores: 0.75 },
      { load: 30, replicas: 2, cores: 0.5 },
      { load: 190, replicas: 8, cores: 1 },
    ])
      expect(Math.abs((predictLoad(found, point)?.latency ?? NaN) / loadLatency(truth, point) - 1)).toBeLessThan(0.08);
    expect(found.relativeDeviation).toBeGreaterThan(0.02);
    expect(found.relativeDeviation).toBeLessThan(0.08);
    expect(learnt.data["deviation"]).toBeGreaterThan(0);
    expect([found.loadRange, found.replicaRange, found.coreRange]).toEqual([
      [20, 200],
      [2, 8],
      [0.5, 1],
    ]);
    expect(found.mostBusy).toBeLessThanOrEqual(0.95);
  });

  it("leaves out what is far away from everything else", () => {
    const noise = noiseOf(2);
    const rows = rowsOf(truth, noise).map((row, index) => (index % 9 === 0 ? { ...row, latency: 5_000 } : row));
    const learnt = learntOf(learnLoad(rows));
    expect(learnt.outliers).toBeGreaterThanOrEqual(10);
    const point = { load: 100, replicas: 3, cores: 0.75 };
    expect(
      Math.abs((predictLoad(modelFrom(learnt), point)?.latency ?? NaN) / loadLatency(truth, point) - 1),
    ).toBeLessThan(0.1);
  });

  it("says what it lacks", () => {
    const rows = rowsOf(truth, () => 1);
    expect(learnLoad(rows.slice(0, 19))).toBe("19 of 20 rows that it takes");
    expect(learnLoad(rows.map((row) => ({ ...row, load: null })))).toBe("0 of 20 rows that it takes");
    expect(learnLoad(rows.map((row) => ({ ...row, load: 50 })))).toBe("one load says nothing of another");
    expect(learnLoad(rows.map((row) => ({ ...row, replicas: 2, cpuMilli: 500 })))).toBe(
      "one amount of CPU says nothing of another",
    );
    const rng = seededRng(3);
    expect(learnLoad(rows.map((row) => ({ ...row, latency: Math.exp(6 * rng()) })))).toMatch(
      /^what was seen is ± \d+ % around it$/,
    );
  });
});
