import type { ReleaseConfig } from "../config/policy.ts";
import { readTexts } from "../config/testing/readTexts.ts";
import { decide } from "./decide.ts";
import type { ReleaseDecision } from "./decision.ts";
import { type AppSnapshot, type ReleaseSnapshot, unknownApp } from "./snapshot.ts";

/** The applications that the prototype shipped. */
export const shippedApps = `
apps:
  - { name: metallb, r_i: 1.0, d_i: 0, risk: 0 }
  - { name: grafana-lgtm, r_i: 4.5, d_i: 2, risk: 1 }
  - { name: onco-app, r_i: 3.0, d_i: 2, risk: 1 }
  - { name: grafana-dashboards, r_i: 1.0, d_i: 1, risk: 0 }
`;

/** A Sunday at noon. */
export const sunday = Date.parse("2026-03-29T09:00:00Z");
export const mondayNoon = Date.parse("2026-03-30T09:00:00Z");

/** A policy of nights and weekends, with more of it as given. */
export function config(policy = "", apps = shippedApps): ReleaseConfig {
  const base = `
windows:
  timezone: Europe/Bucharest
  allow:
    - { day: WEEKDAY, start: "20:00", end: "07:00" }
    - { day: WEEKEND, start: "00:00", end: "23:59" }
`;
  return readTexts(`${base}${policy}`, apps, { today: "2026-03-29" });
}

/** A healthy application with a change that waits. */
export function app(given: Partial<AppSnapshot> = {}): AppSnapshot {
  return { ...unknownApp, sync: "OutOfSync", health: "Healthy", revision: "r2", ...given };
}

/** That moment, with room in the cluster. */
export function snapshot(
  apps: Readonly<Record<string, AppSnapshot>>,
  given: Partial<ReleaseSnapshot> = {},
): ReleaseSnapshot {
  return {
    nowMs: sunday,
    usage: { cpu: 0.3, memory: 0.4 },
    apps: new Map(Object.entries(apps)),
    lowHeadroomTicks: 0,
    override: false,
    ...given,
  };
}

export const allPending = { metallb: app(), "grafana-lgtm": app(), "onco-app": app(), "grafana-dashboards": app() };
export const synced = app({ sync: "Synced" });

export function names(decision: ReleaseDecision): string[] {
  return decision.selected.map(({ name }) => name);
}

/** Why an application is held back; undefined where it is not. */
export function reasonOf(decision: ReleaseDecision, name: string): string | undefined {
  return decision.held.find((one) => one.name === name)?.reason;
}

/** The decision about one application that is alone. */
export function only(given: Partial<AppSnapshot>, around: Partial<ReleaseSnapshot> = {}, policy = ""): ReleaseDecision {
  return decide(config(policy, "apps: [{ name: a, r_i: 1, d_i: 0, risk: 0 }]"), snapshot({ a: app(given) }, around));
}
