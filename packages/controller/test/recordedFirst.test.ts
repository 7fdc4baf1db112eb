import { afterEach, expect, it } from "vitest";

import { Kubectl } from "./kubectl.ts";
import { startWorld, type World } from "./world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

const patience = { timeout: 25_000, interval: 100 };
const load = { parallelism: 1, demand: { kind: "constant", cores: 0.6 } };
const pods = ["a", "b", "c"].map((name) => ({
  name,
  node: "n",
  labels: { "mbcas.io/managed": "true" },
  containers: [{ requests: { cpu: "100m" }, limits: { cpu: "200m" }, load }],
}));

it(
  "a controller that starts in full resizes nobody before what he declared is on record",
  { timeout: 60_000 },
  async () => {
    const early: string[] = [];
    world = await startWorld({ name: "t", nodes: [{ name: "n" }], pods }, [], async (cluster) => {
      const kubectl = new Kubectl(cluster);
      cluster.api.store.onChange(({ collection, object: { metadata } }) => {
        if (collection !== "pods" || (metadata.generation ?? 1) < 2) return;
        const spec = kubectl.allocation(metadata.name)?.spec;
        if (!JSON.stringify(spec ?? "").includes('"declaredCPURequest":"100m"')) early.push(metadata.name);
      });
      // The demand is known at the first round.
      await expect.poll(() => pods.every(({ name }) => kubectl.pod(name)?.status?.["phase"] === "Running")).toBe(true);
    });
    const kubectl = new Kubectl(world.cluster);
    for (const { name } of pods)
      await expect.poll(() => kubectl.pod(name)?.metadata.generation, patience).toBeGreaterThan(1);
    expect(early).toEqual([]);
  },
);

it("where the record is refused nobody is resized, and it is told on the pod", { timeout: 60_000 }, async () => {
  world = await startWorld({ name: "t", nodes: [{ name: "n" }], pods }, [], (cluster) => {
    const isRecord = ({ path }: { path: string }): boolean => path.includes("podallocations/");
    cluster.api.faults.rejectNext(100_000, { status: 403, filter: isRecord });
    return Promise.resolve();
  });
  const kubectl = new Kubectl(world.cluster);
  await expect.poll(() => kubectl.eventsOn("a"), patience).toContain("MarketResizeRefused");
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(pods.map(({ name }) => kubectl.cpu(name))).toEqual(["100m/200m", "100m/200m", "100m/200m"]);
});
