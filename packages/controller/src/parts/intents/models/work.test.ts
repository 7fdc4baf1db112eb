import { describe, expect, it } from "vitest";

import { modelsOf, readEffects } from "./effects.ts";
import { loadLatency, type LoadModel } from "./load.ts";
import { withWork, workBy } from "./work.ts";

const data = {
  popt: [5, 20, 20, 0.02],
  loadRange: [10, 150],
  replicaRange: [1, 4],
  cpuRange: [0.5, 2],
  mostBusy: 0.95,
};
const effects = readEffects([{ name: "a", group: "queueing", profileName: "p", data }], "effects");
const { load } = modelsOf(effects, { intent: "a", since: null, file: "effects" });
const point = { load: 25, replicas: 2, cores: 0.5 };

describe("how much work there is", () => {
  it.each([0.5, 1, 1.3, 2])("of %s times what was learnt is told by the latency that it makes", (work) => {
    const model = load.get("p") as LoadModel;
    const latency = loadLatency(withWork(model, work).parameters, point);
    expect(workBy(model, point, latency)).toBeCloseTo(work, 4);
  });

  it("is said to be a quarter or four times where latency is beyond both", () => {
    const model = load.get("p") as LoadModel;
    expect(workBy(model, point, 0)).toBeCloseTo(0.25, 4);
    expect(workBy(model, point, 1e9)).toBeCloseTo(4, 3);
  });

  it("leaves what takes no CPU", () => {
    const model = load.get("p") as LoadModel;
    expect(withWork(model, 2).parameters).toEqual([5, 40, 40, 0.04]);
    expect(withWork(model, 1)).toBe(model);
  });
});
