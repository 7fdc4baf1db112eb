import { afterEach, expect, it } from "vitest";

import { startWorld, type World } from "./world.ts";

let world: World | undefined;

afterEach(async () => {
  await world?.stop();
});

const amounts = (cpu: string): object => ({ cpu, memory: "64Mi" });
const demand = { kind: "step", before: 0.05, after: 0.6, atSeconds: 5 };
const scenario = {
  name: "revoked",
  nodes: [{ name: "n" }],
  pods: [
    {
      name: "busy",
      node: "n",
      labels: { "mbcas.io/managed": "true" },
      containers: [{ requests: amounts("100m"), limits: amounts("200m"), load: { parallelism: 1, demand } }],
    },
  ],
};

it(
  "nothing is decided on a view whose watch is refused, and readiness says which; then it goes on",
  { timeout: 60_000 },
  async () => {
    const one = await startWorld(scenario);
    world = one;
    const ready = async (): Promise<string> => (await fetch(`${one.opsUrl}/readyz`)).text();
    const quota = (): number => one.container("busy")?.market.quotaCores ?? NaN;
    await expect.poll(ready, { timeout: 10_000 }).toBe("ok");
    const { faults } = one.cluster.api;
    const isPodWatch = ({ path, query }: { path: string; query: Readonly<Record<string, string>> }): boolean =>
      path === "/api/v1/pods" && query["watch"] === "true";
    faults.rejectNext(3, { status: 403, filter: isPodWatch });
    faults.dropWatches();
    await expect.poll(ready, { timeout: 10_000 }).toBe("not ready: pods: the watch is refused (403 Forbidden)");
    const before = quota();
    let refusedFor = 0;
    while ((await ready()) !== "ok" && refusedFor < 300) {
      expect(quota()).toBeLessThanOrEqual(before);
      await new Promise((resolve) => setTimeout(resolve, 100));
      refusedFor += 1;
    }
    expect(refusedFor).toBeGreaterThan(5);
    await expect.poll(quota, { timeout: 20_000 }).toBeGreaterThan(0.5);
  },
);
