import { describe, expect, it } from "vitest";

import type { IntentSnapshot } from "./snapshot.ts";
import { decideFor, models, p99, pods, rps, told, values } from "./testing.ts";

const annotation = "rdt.resources.beta.kubernetes.io/pod";
const rdt = { actuators: { configureRDT: { annotation_name: annotation } } };
const classes = models([{ group: "rdt", data: { options: { None: 140, COS1: 110, COS2: 95, COS3: 80 } } }]);

describe("classes of cache", () => {
  const given: Partial<IntentSnapshot> = { measured: values({ [p99]: 139, [rps]: 20 }), models: classes };

  it("are set to the least that is enough", () => {
    expect(decideFor(given, rdt).plan).toEqual([{ name: "configureRDT", properties: { option: "COS2" } }]);
  });

  it("are given back when they are not needed", () => {
    const spoiled = {
      ...given,
      measured: values({ [p99]: 80, [rps]: 20 }),
      annotations: new Map([[annotation, "COS3"]]),
      objectives: [
        { profile: p99, target: 150, tolerance: 0 },
        { profile: rps, target: 0, tolerance: 0 },
      ],
    };
    expect(told(decideFor(spoiled, rdt))).toBe("configureRDT None");
  });

  it("are for Guaranteed pods, and off without a configuration", () => {
    const burstable = decideFor({ ...given, pods: pods(1, { qosClass: "Burstable" }) }, rdt);
    expect(burstable.plan).toEqual([]);
    expect(burstable.rejected.map(({ reason }) => reason)).toContain("pod pod_0 is Burstable, not Guaranteed");
    expect(decideFor(given).plan).toEqual([]);
  });
});

describe("power profiles", () => {
  const options = ["None", "p/save", "p/balance", "p/fast"];
  const power = { actuators: { setPowerProfile: { options } } };
  const effect = (profileName: string, came: readonly number[]): object => ({
    group: "energy",
    profileName,
    data: { options: Object.fromEntries(options.map((option, index) => [option, came[index]])) },
  });
  const given: Partial<IntentSnapshot> = {
    objectives: [
      { profile: p99, target: 100, tolerance: 0 },
      { profile: "default/watts", target: 50, tolerance: 0 },
    ],
    models: models([effect(p99, [140, 110, 90, 70]), effect("default/watts", [20, 30, 40, 60])]),
    measured: values({ [p99]: 139, "default/watts": 20 }),
  };
  const running = (option: string): Partial<IntentSnapshot> => ({
    resources: new Map([
      ["0_cpu_limits", 1_000],
      [`0_${option}_limits`, 1_000],
    ]),
  });

  it("are the most frugal that fulfils latency and power", () => {
    expect(decideFor(given, power).plan).toEqual([{ name: "setPowerProfile", properties: { profile: "p/balance" } }]);
    const fast = { ...given, ...running("p/fast"), measured: values({ [p99]: 70, "default/watts": 60 }) };
    expect(told(decideFor(fast, power))).toBe("setPowerProfile p/balance");
  });

  it("step down for little while energy is renewable, and for more while it is not", () => {
    const met = {
      ...given,
      ...running("p/fast"),
      objectives: [{ profile: p99, target: 150, tolerance: 0 }],
      measured: values({ [p99]: 70 }),
    };
    const at = (ratio: number): number =>
      decideFor({ ...met, data: new Map([["renewable_energy_ratio", new Map([["node_0", ratio]])]]) }, power).cost;
    expect(at(0.9)).toBeLessThan(0);
    expect(at(0.1)).toBeLessThan(at(0.9));
  });

  it("are for Deployments", () => {
    const decision = decideFor({ ...given, target: { kind: "ReplicaSet", name: "default/rs" } }, power);
    expect(decision.rejected.map(({ reason }) => reason)).toContain("only Deployments have a power profile");
  });
});
