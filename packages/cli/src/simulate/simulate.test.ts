import { parseScenario } from "@walras/sim";
import { describe, expect, it } from "vitest";

import { Progress } from "../output/progress.ts";
import { plain } from "../testing.ts";
import { printSimulated } from "./print.ts";
import { type NamedPolicy, simulate, type Simulated } from "./simulate.ts";

const scenario = parseScenario(
  `
name: tight
durationSeconds: 30
namespaces: {shop: {mbcas.io/managed: "true"}}
nodes: [{name: n, cores: 4}]
pods:
  - {name: web, namespace: shop, count: 2, containers: [{requests: {cpu: 100m}, limits: {cpu: 200m}, load: {demand: {kind: constant, cores: 0.8}}}]}
  - {name: idle, namespace: shop, containers: [{requests: {cpu: 500m}, limits: {cpu: 1}}]}
faults: [{kind: killController, atSeconds: 5}]
`,
  "tight",
);

const full: NamedPolicy = { name: "full", flags: ["--mode=full"] };
const silent = new Progress("test", { write: () => true });
const played = (policies: readonly NamedPolicy[] = [full]): Promise<Simulated> =>
  simulate(scenario, policies, 30, silent);

describe("a simulated scenario", () => {
  it("is throttled far less with the market than as its pods were created, by resizes", async () => {
    const { policies, pods, warnings } = await played();
    const [market, created] = policies;
    expect([market?.policy, created?.policy, pods]).toEqual(["full", "as created", 3]);
    expect(created?.throttledSeconds).toBeGreaterThan(20);
    expect(market?.throttledSeconds).toBeLessThan((created?.throttledSeconds ?? 0) / 3);
    expect([(market?.resizes ?? 0) > 1, created?.resizes]).toEqual([true, 0]);
    expect(created?.promisedCores).toBeCloseTo(0.7, 1);
    expect(warnings).toEqual(["1 faults are left out that kill programs: walras demo plays them"]);
  });

  it("gives the same numbers each time", async () => {
    expect(await played()).toEqual(await played());
  });

  it("is a row for each policy", async () => {
    const text = printSimulated(await played(), plain);
    expect(text.split("\n").slice(0, 2)).toEqual([
      "tight: 3 pods, 30 s",
      expect.stringMatching(/^POLICY +THROTTLED s {2}WORK LOST s/),
    ]);
    expect(text.split("\n")).toHaveLength(5);
  });

  it("refuses flags that the controller refuses", async () => {
    await expect(played([{ name: "wrong", flags: ["--reserve=2"] }])).rejects.toThrow("reserve");
  });
});
