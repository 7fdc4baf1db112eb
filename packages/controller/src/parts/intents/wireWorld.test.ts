import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { expect, it } from "vitest";

import { Ledger } from "../../base/telemetry/ledger/ledger.ts";
import { Command } from "commander";
import { addFlags, schema } from "./flags.ts";
import type { Needs, World } from "./needs.ts";
import { GivenCluster } from "./observe/testing.ts";
import { readIntentConfig } from "./readConfig.ts";
import { wireWorld } from "./wireWorld.ts";

/** An Intent of the cores in use by shop/web, of which an agent has told half a core. */
function given(telemetry: boolean): World {
  const cluster = new GivenCluster();
  const spec = { type: "throughput", query: "walras:cpu" };
  cluster.put("KPIProfile", "shop/cores", { spec });
  cluster.put("Deployment", "shop/web", { spec: { replicas: 1 } });
  const containerStatuses = [{ name: "app", containerID: "containerd://c1", state: { running: {} } }];
  cluster.pod("shop/web-a", "web", { status: { containerStatuses } });
  const objectives = [{ name: "cores", value: 1, measuredBy: "shop/cores" }];
  cluster.put("Intent", "shop/web", { spec: { targetRef: { kind: "Deployment", name: "shop/web" }, objectives } });
  const ledger = new Ledger();
  const unknown = { throttledRatio: null, throttledMilli: 0, pressureRatio: null, quotaMilli: null };
  const reading = { podUid: "Pod shop/web-a", containerId: "c1", atMs: 0, usageMilli: 500, ...unknown };
  const containers = [{ ...reading, stream: { lastMs: 0, beforeMs: 0 } }];
  ledger.apply("n1", { containers, gone: [], node: null, gpus: null, rejections: [], resync: false });
  const flags = schema.parse(addFlags(new Command(), {}).opts());
  const around = { clock: new VirtualClock(), rng: seededRng(1), logger: silentLogger, onLost: () => undefined };
  const base = { telemetry: telemetry ? { ledger } : undefined };
  const metrics = { queries: { inc: () => undefined } };
  const needs = { around, base, flags, config: readIntentConfig(flags), stores: cluster.stores, metrics };
  // What of the base and of the metrics is not read here is left out.
  return wireWorld(needs as unknown as Needs);
}

const { signal } = new AbortController();

it("KPIs are measured by agents where they report to this process", async () => {
  const { observer, meter } = given(true);
  const measured = await meter.measure(observer.look(0).intents, signal);
  expect(measured.get("shop/web")?.get("shop/cores")).toEqual({ kind: "value", value: 0.5 });
});

it("where none do, a profile that needs them is not resolved, and says so", () => {
  const { observer, profiles } = given(false);
  expect(observer.look(0).profiles.has("shop/cores")).toBe(false);
  expect(profiles.all().map(({ reason }) => reason)).toEqual([
    'spec.query: "walras:cpu" needs agents, and none report here',
  ]);
});

it("what an intent is about now is what the next look sees of it", () => {
  const { observer, targetOf } = given(false);
  const [seen] = observer.look(0).intents;
  if (!seen) throw new Error("no intent is seen");
  expect(targetOf(seen)).toEqual(seen.target);
  expect(targetOf({ ...seen, ref: { ...seen.ref, uid: "another" } })).toBeNull();
});
