import type { AppPolicy, ReleaseConfig, ReleasePolicy } from "@walras/controller/carla";

import { syntheticArrivals } from "./arrivals.ts";
import { rngFor } from "./draws.ts";
import { type LoadProfile, syntheticLoad } from "./load.ts";
import { weekFrom } from "./week.ts";
import { clusterCapacity, type Scene } from "./world.ts";

export const scenarioNames = ["calm", "busy", "overloaded"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

const evening = 20 * 60;

/** Watermarks of the shipped policy are 0.65 and 0.70. */
const profiles: Readonly<Record<ScenarioName, LoadProfile>> = {
  calm: {
    nightCpu: 0.15,
    dayCpu: 0.4,
    nightMemory: 0.25,
    dayMemory: 0.4,
    quietFromMinute: evening,
    batchNights: 0,
    batchCpu: 0,
  },
  busy: {
    nightCpu: 0.28,
    dayCpu: 0.66,
    nightMemory: 0.35,
    dayMemory: 0.55,
    quietFromMinute: evening + 60,
    batchNights: 0.3,
    batchCpu: 0.2,
  },
  overloaded: {
    nightCpu: 0.36,
    dayCpu: 0.85,
    nightMemory: 0.45,
    dayMemory: 0.72,
    quietFromMinute: evening + 240,
    batchNights: 0.6,
    batchCpu: 0.32,
  },
};

/** A Monday in a week without holidays or a change of the clock. */
const startDate = "2026-02-02";

export interface SceneOptions {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly days: number;
  readonly policy: ReleasePolicy;
  /** undefined: drawn from the seed. */
  readonly apps?: readonly AppPolicy[] | undefined;
}

/** A synthetic week, the same for the same options. */
export function sceneOf({ scenario, seed, days, policy, apps }: SceneOptions): Scene {
  const week = weekFrom(startDate, { zone: policy.calendar.zone, days, tickMs: policy.tickMs });
  const config: ReleaseConfig = { policy, apps: apps ?? syntheticApps(policy, seed), warnings: [] };
  return {
    week,
    config,
    arrivals: syntheticArrivals(week, config.apps.length, seed),
    load: syntheticLoad(week, profiles[scenario], rngFor(seed, 5)),
    capacity: clusterCapacity,
    seed,
  };
}

/** Like the prototype's four (r, depth, risk), and one of each that needs consent. */
const kinds = [
  { kind: "network", r: 1, depth: 0, risk: 0 },
  { kind: "dashboards", r: 1, depth: 1, risk: 0 },
  { kind: "clinic", r: 3, depth: 2, risk: 1 },
  { kind: "telemetry", r: 4.5, depth: 2, risk: 1 },
  { kind: "records", r: 2, depth: 1, risk: 2 },
] as const;
const appCount = 15;
const dependsShare = 0.5;

function syntheticApps(policy: ReleasePolicy, seed: number): AppPolicy[] {
  const rng = rngFor(seed, 6);
  const apps: AppPolicy[] = [];
  for (let index = 0; index < appCount; index += 1) {
    const { kind, r, depth, risk } = kinds[index % kinds.length] ?? kinds[0];
    const below = apps.filter((app) => app.depth < depth);
    const needs = rng() < dependsShare ? below[Math.floor(rng() * below.length)] : undefined;
    apps.push({
      name: `${kind}-${Math.floor(index / kinds.length) + 1}`,
      namespace: null,
      r: Number((r * (0.8 + 0.4 * rng())).toFixed(2)),
      depth,
      risk,
      windowFit: null,
      prune: false,
      dependsOn: needs ? [needs.name] : [],
      calendar: policy.calendar,
    });
  }
  return apps;
}
