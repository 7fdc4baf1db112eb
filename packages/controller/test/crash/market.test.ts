import type { KubeObject } from "@walras/sim/apiserver";
import { expect, it } from "vitest";

import { eachFate, Life } from "./life.ts";
import type { Fate } from "./mortal.ts";

const amounts = (cpu: string): object => ({ cpu, memory: "64Mi" });

function container(request: string, limit: string, cores: number, name = "app"): object {
  const load = { parallelism: 1, demand: { kind: "constant", cores } };
  return { name, requests: amounts(request), limits: amounts(limit), load };
}

function pod(name: string, node: string, ...containers: readonly object[]): object {
  return { name, node, labels: { "mbcas.io/managed": "true" }, containers };
}

/** Node a is nearly sold out, so that raises wait for cuts; on b there is room, and somebody who leaves the market. */
const scenario = {
  name: "crash",
  nodes: [{ name: "a", cores: 1 }, { name: "b" }],
  pods: [
    pod("sleeper", "a", container("400m", "500m", 0.02)),
    pod("hungry", "a", container("200m", "300m", 0.5), container("50m", "100m", 0.02, "proxy")),
    pod("guaranteed", "a", container("200m", "200m", 0.3)),
    pod("busy", "b", container("100m", "200m", 0.6)),
    pod("leaver", "b", container("100m", "150m", 0.4)),
  ],
};

function limitMilli(life: Life, name: string, index = 0): number {
  const object = life.cluster.api.store.get("pods", "default", name) as unknown as {
    readonly status: {
      readonly containerStatuses: readonly { readonly resources: { readonly limits: { readonly cpu: string } } }[];
    };
  };
  const cpu = object.status.containerStatuses[index]?.resources.limits.cpu ?? "0";
  return cpu.endsWith("m") ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}

async function label(life: Life, name: string, value: string): Promise<void> {
  const { store } = life.cluster.api;
  const object = store.get("pods", "default", name) as KubeObject;
  const metadata = { ...object.metadata, labels: { ...object.metadata.labels, "mbcas.io/managed": value } };
  store.put("pods", { ...object, metadata });
}

/** @returns how many writes it took, and how many controllers */
async function play(fate?: Fate): Promise<{ readonly writes: number; readonly lives: number }> {
  const life = await Life.begin(scenario, ["--mode=full"], fate);
  const because = `after write ${fate?.atWrite}, ${fate?.dies ? "killed" : "its answer lost"}`;
  const patience = { timeout: 40_000, interval: 100, message: because };
  try {
    await expect.poll(() => limitMilli(life, "busy"), patience).toBeGreaterThan(500);
    await expect.poll(() => limitMilli(life, "hungry"), patience).toBeGreaterThan(300);
    await expect.poll(() => limitMilli(life, "leaver"), patience).toBeGreaterThan(300);
    await label(life, "leaver", "false");
    const leaver = (): KubeObject => life.cluster.api.store.get("pods", "default", "leaver") as KubeObject;
    await expect.poll(() => life.invariants.isRestored(leaver()), patience).toBe(true);
    const record = (): unknown =>
      life.cluster.api.store.get("podallocations.allocation.mbcas.io", "default", "default-leaver");
    await expect.poll(record, patience).toBeUndefined();
    expect([...life.invariants.violations], because).toEqual([]);
  } finally {
    await life.end();
  }
  return { writes: life.writes, lives: life.lives };
}

it("whatever write a controller dies with, or has no answer of, its successor keeps the invariants and goes on", async () => {
  const { writes } = await play();
  let deaths = 0;
  await eachFate(writes, 12, async (fate) => {
    const { lives } = await play(fate);
    deaths += lives - 1;
  });
  console.log(`market: ${writes} writes, ${2 * writes} points tried, ${deaths} deaths`);
  // How many records are written is a matter of moments, so that a late point may not be reached.
  expect(deaths).toBeGreaterThan(writes / 2);
}, 400_000);
