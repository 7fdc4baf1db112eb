import { afterEach, expect, it } from "vitest";

import { Invariants } from "./crash/invariants.ts";
import { startWorld, type World } from "./world.ts";

let world: World | undefined;

afterEach(async () => {
  await world?.stop();
});

/** Five pods that all want more at the same moment, on a node that has room for some of it. */
function scenario(): object {
  const amounts = (cpu: string): object => ({ cpu, memory: "64Mi" });
  const demand = { kind: "step", before: 0.05, after: 0.9, atSeconds: 4 };
  const pods = ["a", "b", "c", "d", "e"].map((name) => ({
    name,
    node: "n",
    labels: { "mbcas.io/managed": "true" },
    containers: [{ requests: amounts("150m"), limits: amounts("300m"), load: { parallelism: 1, demand } }],
  }));
  return { name: "slow", nodes: [{ name: "n", cores: 2 }], pods };
}

it("requests never exceed a node while the API server takes 900 ms for each answer", { timeout: 60_000 }, async () => {
  const one = await startWorld(scenario());
  world = one;
  const invariants = new Invariants(one.cluster.api);
  one.cluster.api.faults.setLatencyMs(900);
  await expect
    .poll(async () => one.metrics(), { timeout: 30_000 })
    .toMatch(/walras_resizes_total\{direction="up"\} [5-9]/);
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  expect([...invariants.violations]).toEqual([]);
  expect(await one.metrics()).toMatch(/^walras_leader 1$/m);
});
