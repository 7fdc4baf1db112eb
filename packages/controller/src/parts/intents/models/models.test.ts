import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { coresFor, type CpuModel, cpuLatency, type CpuParameters, parametersFor } from "./cpu.ts";
import { modelsOf, readEffects } from "./effects.ts";
import { predictReplicas, type ReplicaModel } from "./replicas.ts";

describe("latency by CPU", () => {
  it.each([
    { parameters: [100, 0.2, 50], goal: 150, milli: 389 },
    { parameters: [100, 0.2, 50], goal: 100, milli: 3_992 },
    { parameters: [200, 0.2, 50], goal: 100, milli: 7_458 },
    { parameters: [248.69930654974348, 1.8325502392260382, 66.53386004054035], goal: 100, milli: 1_182 },
  ] as const)("is turned round: $goal with $parameters takes $milli m", ({ parameters, goal, milli }) => {
    expect(Math.trunc((coresFor(parameters, goal * 0.95) ?? NaN) * 1000)).toBe(milli);
  });

  it("is reached by the cores that are named for it", () => {
    const positive = fc.double({ min: 0.2, max: 500, noNaN: true });
    fc.assert(
      fc.property(positive, fc.double({ min: 0.2, max: 5, noNaN: true }), positive, positive, (p0, p1, p2, above) => {
        const parameters: CpuParameters = [p0, p1, p2];
        const cores = coresFor(parameters, p2 + above);
        expect(cores).not.toBeNull();
        expect(cpuLatency(parameters, cores ?? NaN)).toBeLessThanOrEqual((p2 + above) * (1 + 1e-9));
      }),
    );
  });

  it("has a floor that no CPU goes below", () => {
    expect(coresFor([100, 0.2, 50], 50)).toBeNull();
    expect(coresFor([100, 0.2, 50], 49)).toBeNull();
  });

  it("is believed by the first set of parameters that can reach the target", () => {
    const model: CpuModel = {
      parameters: [
        [1, 1, 90],
        [1, 1, 40],
      ],
      pinned: true,
      coreRange: null,
      deviation: 0,
    };
    expect(parametersFor(model, 50)).toEqual([1, 1, 40]);
    expect(parametersFor(model, 100)).toEqual([1, 1, 90]);
    expect(parametersFor(model, 10)).toEqual([1, 1, 90]);
  });
});

describe("latency by replicas", () => {
  const model: ReplicaModel = {
    parameters: [1.7340978705359251, 0.32188728156949387, 0.02992459259216999, 0.042336575288062825],
    scale: [0.12987012987012986, 0.1688311688311689],
    pinned: false,
    replicaRange: [1, 4],
    loadRange: [6.4, 37.2],
    deviation: 0,
  };

  it("is what the recorded planner saw", () => {
    expect([1, 2, 3, 4].map((n) => predictReplicas(model, 24.3, n)?.toFixed(1))).toEqual([
      "146.8",
      "127.5",
      "110.8",
      "96.2",
    ]);
  });

  it("is not guessed beyond what was seen; below, the least load that was seen is taken", () => {
    expect(predictReplicas(model, 24.3, 5)).toBeNull();
    expect(predictReplicas(model, 24.3, 0)).toBeNull();
    expect(predictReplicas(model, 37.3, 2)).toBeNull();
    expect(predictReplicas(model, 0.3, 2)).toBe(predictReplicas(model, 6.4, 2));
  });
});

describe("the knowledge base's effects", () => {
  const effect = (given: object): object => ({
    name: "default/intent",
    group: "vertical_scaling",
    profileName: "default/p99",
    data: { popt: [1, 2, 3], cpuRange: [0.5, 2] },
    ...given,
  });
  const at = Date.parse("2026-01-01T12:00:00Z");
  const query = { intent: "default/intent", since: { nowMs: at, lookBackMinutes: 20 }, file: "effects.json" };
  const parametersOf = (...effects: object[]): unknown =>
    modelsOf(readEffects(effects, "effects.json"), query).cpu.get("default/p99")?.parameters;

  it("are read with popt and popts, one set or several", () => {
    expect(parametersOf(effect({}))).toEqual([[1, 2, 3]]);
    expect(parametersOf(effect({ data: { popt: [[1, 2, 3]] } }))).toEqual([[1, 2, 3]]);
    expect(
      parametersOf(
        effect({
          data: {
            popts: [
              [1, 2, 3],
              [4, 5, 6],
            ],
          },
        }),
      ),
    ).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("are believed for as long as look_back says, static ones for good; the newest counts", () => {
    const old = effect({ timestamp: "2026-01-01T11:39:00Z" });
    const young = effect({ timestamp: { $date: "2026-01-01T11:41:00Z" }, data: { popt: [7, 8, 9] } });
    expect(parametersOf(old)).toBeUndefined();
    expect(parametersOf({ ...old, static: true })).toEqual([[1, 2, 3]]);
    expect(parametersOf({ ...old, static: true }, young)).toEqual([[7, 8, 9]]);
    expect(parametersOf(effect({ name: "default/other" }))).toBeUndefined();
  });

  it("are good for what they have seen, unless somebody pinned them", () => {
    const rangeOf = (given: object): unknown =>
      modelsOf(readEffects([effect(given)], "effects.json"), query).cpu.get("default/p99")?.coreRange;
    expect(rangeOf({})).toEqual([0.5, 2]);
    expect(rangeOf({ static: true })).toBeNull();
  });

  it("of classes and profiles that the prototype has pickled say nothing", () => {
    const read = (data: object): unknown =>
      modelsOf(readEffects([effect({ group: "rdt", data })], "effects.json"), query).cacheClass.get("default/p99");
    expect(read({ model: "gASV" })).toEqual(new Map());
    expect(read({ options: { COS1: 90 } })).toEqual(new Map([["COS1", 90]]));
  });

  it("are refused with field and value", () => {
    expect(() => readEffects([effect({ group: "" })], "effects.json")).toThrow('effects.json.0.group: ""');
    expect(() => parametersOf(effect({ data: { popt: [1, 2] } }))).toThrow(
      "effects.json.default/p99 (vertical_scaling).data.popt",
    );
    expect(() => parametersOf(effect({ data: {} }))).toThrow("popt: undefined is not valid (is missing)");
  });
});
