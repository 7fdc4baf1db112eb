import { systemClock } from "@walras/kit";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import type { FakeArgo } from "../src/parts/carla/argocd/testing/fakeArgo.ts";
import { freezeNote, freezeText } from "../src/parts/carla/state/freezeNote.ts";
import { type GivenFiles, within, World } from "./releases/world.ts";

/**
 * Two applications called web, both with something to release.
 *
 * @param before CARLA begins
 */
async function twoWebs(
  policy: GivenFiles["policy"],
  before: (world: World) => void = () => undefined,
): Promise<{ world: World; synced: () => string[] }> {
  const apps = [
    { name: "team-a/web", risk: 0 },
    { name: "web", namespace: "team-b", risk: 2 },
  ];
  const world = new World({ apps, policy });
  before(world);
  const webs = ["team-a", "team-b"].map((namespace) => world.argo.add("web", { namespace }));
  onTestFinished(() => world.close());
  await world.open();
  const synced = (): string[] =>
    webs.filter(({ sync }) => sync === "Synced").map(({ namespace, name }) => `${namespace}/${name}`);
  return { world, synced };
}

it("R7, R8, R2: what is configured while it runs is in force and told; one name in two namespaces is two; an override is named", async () => {
  const { world, synced } = await twoWebs(() => ({ tick: { seconds: 3600 } }));
  const told = (text: string): number => world.told(text);
  await expect.poll(() => told("WARN how full the cluster is, is not known: nothing is released"), within).toBe(1);
  expect(world.lines.join("\n")).toContain("telemetry.prometheus_url, if it is set");

  const telemetry = { prometheus_url: world.prometheusUrl };
  world.writePolicy({ tick: { seconds: 3600 }, telemetry });
  await expect.poll(synced, within).toEqual(["team-a/web"]);
  expect(told("INFO configuration read again: it is in force")).toBe(1);
  expect(told(`telemetry.prometheus_url: (none) → \\"${telemetry.prometheus_url}\\"`)).toBe(1);
  await expect.poll(() => world.read("rollouts.csv"), within).toMatch(/,team-a\/web,/);
  expect(world.read("decisions.csv")).toMatch(/,team-a\/web,team-b\/web,exact$/m);
  expect(await world.view()).toMatchObject({ override: null, usage: { source: "Prometheus" } });

  world.write("override.yaml", "carla.ops: {override: true}\n");
  world.writePolicy({ tick: { seconds: 1 }, telemetry });
  await expect.poll(synced, within).toEqual(["team-a/web", "team-b/web"]);
  expect(told("tick.seconds: 3600 → 1")).toBe(1);
  expect(told("WARN override in force: every high-risk release is approved")).toBe(1);
  expect(await world.view()).toMatchObject({ override: { state: "in force" } });
  const asked = world
    .read("releases.jsonl")
    .split("\n")
    .filter((line) => line.includes('"asked"'));
  expect(asked.map((line) => JSON.parse(line) as object)).toMatchObject([
    { app: "web", namespace: "team-a", approvedBy: null },
    { app: "web", namespace: "team-b", approvedBy: "override.yaml" },
  ]);
}, 60_000);

it("R2: an override that is weeks old approves nothing, and the log and the view say so", async () => {
  const weeksAgoSeconds = Date.now() / 1000 - 21 * 24 * 3600;
  const { world: old, synced } = await twoWebs(
    ({ prometheusUrl }) => ({ tick: { seconds: 1 }, telemetry: { prometheus_url: prometheusUrl } }),
    (one) => one.write("override.yaml", "carla.ops/override: true\n", weeksAgoSeconds),
  );
  await expect.poll(synced, within).toEqual(["team-a/web"]);
  const held = { "team-b/web": { reason: "high_risk_paused" } };
  await expect.poll(() => old.view(), within).toMatchObject({ override: { state: "over" }, decision: { held } });
  expect(old.lines[0]).toMatch(/^WARN override is over: high-risk releases wait for approvals again/);
  expect(synced()).toEqual(["team-a/web"]);
}, 60_000);

/** A busy machine takes its time. */
const patience = 60_000;
const names = ["pruned", "contested", "sick", "plain", "later"];
const world = new World({
  apps: names.map((name) => ({ name, r_i: 1 })),
  policy: ({ prometheusUrl }) => ({
    rollout: { timeout_seconds: 20, healthy_hold_seconds: 1, degraded_grace_seconds: 2, rollback: true },
    tick: { seconds: 1, max_parallel_triggers: 5 },
    telemetry: { prefer_k8s_metrics_api: false, prometheus_url: prometheusUrl },
  }),
});
for (const name of names) {
  const application = world.argo.add(name);
  application.health = "Healthy";
  application.sync = "Synced";
  application.history.push({ id: 0, revisions: ["r1"] });
}
beforeAll(() => world.open());
afterAll(() => world.close());

const application = (name: string): NonNullable<ReturnType<FakeArgo["find"]>> => {
  const found = world.argo.find(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const deployed = (name: string): string =>
  application(name)
    .history.map(({ revisions }) => revisions.join())
    .join(" ");

describe("releases, by the whole controller", () => {
  it("R1: what only pruning would bring in sync, and what nothing does, are held by name and never rolled back", async () => {
    application("pruned").gone.push("old");
    application("contested").contested = true;
    for (const name of ["pruned", "contested"]) world.argo.push(application(name), "r2");
    await expect.poll(() => world.reasonOf("pruned"), within).toBe("requires_pruning");
    await expect.poll(() => world.reasonOf("contested"), within).toBe("never_in_sync");
    expect([deployed("pruned"), deployed("contested")]).toEqual(["r1 r2", "r1 r2"]);
    expect(world.read("releases.jsonl")).not.toMatch(/"failed"|"condemned"/);
  });

  it(
    "R13: a condemned revision is not released by a pod that begins with an empty disk",
    async () => {
      application("sick").behaviour = { operationMs: 50, phase: "Succeeded", health: "Degraded" };
      world.argo.push(application("sick"), "r2");
      await expect.poll(() => deployed("sick"), within).toBe("r1 r2 r1");
      application("sick").behaviour = { operationMs: 50, phase: "Succeeded", health: "Healthy" };
      world.argo.turn(application("sick"), "Healthy");
      await expect.poll(() => world.reasonOf("sick"), within).toBe("condemned_revision");
      await world.begin();
      await expect.poll(() => world.reasonOf("sick"), within).toBe("condemned_revision");
      await expect.poll(() => world.reasonOf("contested"), within).toBe("never_in_sync");
      expect([deployed("sick"), deployed("contested")]).toEqual(["r1 r2 r1", "r1 r2"]);
    },
    patience,
  );

  it("freeze: is seen within two seconds, outlives a restart, and what piled up is released after it", async () => {
    const note = freezeNote(world.transport, "carla");
    const freeze = { fromMs: systemClock.wallMs(), untilMs: null, except: new Set<string>(), by: "dana" };
    await note.write(freezeText({ ...freeze, inFlight: "continue" }));
    await expect.poll(async () => (await world.view()).freezes?.length, within).toBe(1);
    world.argo.push(application("plain"), "r2");
    await expect.poll(() => world.reasonOf("plain"), within).toBe("frozen");
    await world.begin();
    await expect.poll(() => world.reasonOf("plain"), within).toBe("frozen");
    expect(deployed("plain")).toBe("r1");
    await note.write(null);
    await expect.poll(() => deployed("plain"), within).toBe("r1 r2");
  });

  it("R6: a token that is revoked is what the row, the view and the counts say", async () => {
    world.argo.push(application("later"), "r2");
    world.argo.faults.revoked = true;
    const told = async (): Promise<string | undefined> => (await world.view()).notSynced["later"];
    await expect.poll(told, within).toBe("unauthorized");
    await expect
      .poll(() => world.read("decisions.csv").trim().split("\n").at(-1), within)
      .toContain("not_synced: unauthorized(later)");
    expect(deployed("later")).toBe("r1");
    world.argo.faults.revoked = false;
    await expect.poll(() => deployed("later"), within).toBe("r1 r2");
  });
});
