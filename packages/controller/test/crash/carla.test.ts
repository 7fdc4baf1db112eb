import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";
import { stringify } from "yaml";

import { FakeArgo } from "../../src/parts/carla/argocd/testing/fakeArgo.ts";
import { ArgoProxy } from "./argoProxy.ts";
import { eachFate, Life } from "./life.ts";
import type { Fate, Mortal } from "./mortal.ts";

const scenario = { name: "crash", nodes: [{ name: "a" }], pods: [] };

const apps = {
  apps: [
    { name: "base", r_i: 1 },
    { name: "web", r_i: 1, depends_on: ["base"] },
    { name: "plain", r_i: 1 },
    { name: "sick", r_i: 1 },
  ],
};

function policy(url: string, folder: string): object {
  return {
    thresholds: { cpu_watermark: 1, ram_watermark: 1, min_headroom: 0 },
    windows: { allow: [{ day: "DAILY", start: "00:00", end: "24:00" }] },
    risk: { large_diff: 0, sensitive_kind: 0, failure: 0 },
    rollout: {
      timeout_seconds: 20,
      healthy_hold_seconds: 1,
      degraded_grace_seconds: 1,
      backoff_first_seconds: 3600,
      rollback: true,
    },
    tick: { seconds: 1, max_parallel_triggers: 2 },
    argo: { base_url: url, token_file: join(folder, "token"), app_namespace: "argocd" },
    logging: { decisions_csv: join(folder, "decisions.csv"), rollouts_csv: join(folder, "rollouts.csv") },
  };
}

interface Stage {
  readonly argo: FakeArgo;
  readonly proxy: ArgoProxy;
  readonly flags: readonly string[];
  readonly end: () => Promise<void>;
}

/** Four applications with something new, of which one will be Degraded. */
async function stage(mortal: () => Mortal | undefined): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "walras-crash-"));
  const argo = new FakeArgo();
  await argo.start();
  const proxy = new ArgoProxy(argo.url, mortal);
  await proxy.start();
  for (const { name } of apps.apps) {
    const application = argo.add(name);
    application.health = "Healthy";
    application.history.push({ id: 0, revisions: ["r1"] });
    if (name === "sick") application.behaviour = { ...application.behaviour, health: "Degraded" };
    argo.push(application, "r2");
  }
  writeFileSync(join(folder, "token"), argo.token);
  writeFileSync(join(folder, "policy.yaml"), stringify(policy(proxy.url, folder)));
  writeFileSync(join(folder, "apps.yaml"), stringify(apps));
  const flags = [
    "--parts=market,carla",
    "--mode=off",
    `--carla-policy=${folder}/policy.yaml`,
    `--carla-apps=${folder}/apps.yaml`,
  ];
  const end = async (): Promise<void> => {
    await proxy.stop();
    await argo.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { argo, proxy, flags, end };
}

/** @returns how many writes it took */
async function play(fate?: Fate): Promise<number> {
  const holder: { life?: Life } = {};
  const { proxy, flags, end } = await stage(() => holder.life?.mortal);
  const because = `after write ${fate?.atWrite}, ${fate?.dies ? "killed" : "its answer lost"}`;
  const life = await Life.begin(scenario, flags, fate, (_, made) => {
    holder.life = made;
    return Promise.resolve();
  });
  try {
    const released = (): readonly string[] => proxy.syncs.map(({ app, revision }) => `${app} ${revision}`).toSorted();
    const expected = ["base r2", "plain r2", "sick r1", "sick r2", "web r2"];
    await expect.poll(() => released().length, { timeout: 60_000, interval: 100 }).toBe(expected.length);
    expect(released(), because).toEqual(expected);
    const order = proxy.syncs.map(({ app }) => app);
    expect(order.indexOf("base"), because).toBeLessThan(order.indexOf("web"));
    expect(order.indexOf("sick"), because).toBeLessThan(order.lastIndexOf("sick"));
    if (fate?.dies) expect(life.lives, because).toBe(2);
  } finally {
    await life.end();
    await end();
  }
  return life.writes;
}

it("whatever a controller dies with, each revision is synced once, in order, and a failure is rolled back once", async () => {
  const writes = await play();
  // How often a comparison is asked for is a matter of moments; the syncs are among the first of all writes.
  await eachFate(writes, 10, async (fate) => void (await play(fate)));
  console.log(`carla: ${writes} writes, ${2 * writes} points tried`);
  expect(writes).toBeGreaterThanOrEqual(5);
}, 400_000);
