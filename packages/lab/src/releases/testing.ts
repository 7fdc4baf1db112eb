import type { AppPolicy, ReleasePolicy } from "@walras/controller/carla";

import type { Arrival } from "./arrivals.ts";
import { readLabConfig } from "./config.ts";
import type { LabView, ReleaseRule } from "./rule.ts";
import { weekFrom } from "./week.ts";
import { clusterCapacity, type Scene } from "./world.ts";

/** What the controller fills in where a policy says nothing. */
export const defaultPolicy: ReleasePolicy = readLabConfig({ readText: () => "" }).policy;

/** Monday, 2026-02-02, 00:00 in Bucharest. */
export const mondayMs = Date.parse("2026-02-01T22:00:00Z");
export const hourMs = 3_600_000;

export function appOf(name: string, more: Partial<AppPolicy> = {}): AppPolicy {
  const { calendar } = defaultPolicy;
  return {
    name,
    namespace: null,
    r: 1,
    depth: 0,
    risk: 0,
    windowFit: null,
    dependsOn: [],
    prune: false,
    calendar,
    ...more,
  };
}

/** A week in an idle cluster, with these pushes: app, hour of the week. */
export function quietScene(
  apps: readonly AppPolicy[],
  pushes: readonly (readonly [string, number])[],
  { seed = 1, policy = defaultPolicy }: { readonly seed?: number; readonly policy?: ReleasePolicy } = {},
): Scene {
  const week = weekFrom("2026-02-02", { zone: policy.calendar.zone, days: 7, tickMs: policy.tickMs });
  const arrivals = pushes.map(([name, hour], index): Arrival => {
    const atMs = week.startMs + hour * hourMs;
    const app = apps.findIndex((one) => one.name === name);
    const change = { changedFields: 1, objects: 1, kinds: ["ConfigMap"] };
    return { atMs, app, revision: `r${index}`, change, approvedAtMs: atMs + hourMs };
  });
  const load = { cpu: new Float64Array(week.ticks).fill(0.1), memory: new Float64Array(week.ticks).fill(0.1) };
  return { week, config: { policy, apps, warnings: [] }, arrivals, load, capacity: clusterCapacity, seed };
}

/** A rule that is a function. */
export function ruleOf(choose: (view: LabView) => readonly string[]): ReleaseRule {
  return { name: "test", choose };
}
