import { describe, expect, it } from "vitest";

import { readReleaseConfig } from "../config/read.ts";
import type { ReleaseConfig } from "../config/policy.ts";
import { decide } from "./decide.ts";
import type { ReleaseDecision } from "./decision.ts";
import { type AppSnapshot, type ReleaseSnapshot, untracked } from "./snapshot.ts";

const shippedApps = `
apps:
  - { name: metallb, r_i: 1.0, d_i: 0, risk: 0 }
  - { name: grafana-lgtm, r_i: 4.5, d_i: 2, risk: 1 }
  - { name: onco-app, r_i: 3.0, d_i: 2, risk: 1 }
  - { name: grafana-dashboards, r_i: 1.0, d_i: 1, risk: 0 }
`;

/** A Sunday at noon. */
const sunday = Date.parse("2026-03-29T09:00:00Z");
const mondayNoon = Date.parse("2026-03-30T09:00:00Z");
const hourMs = 3_600_000;

function config(policy = "", apps = shippedApps): ReleaseConfig {
  const base = `
windows:
  timezone: Europe/Bucharest
  allow:
    - { day: WEEKDAY, start: "20:00", end: "07:00" }
    - { day: WEEKEND, start: "00:00", end: "23:59" }
`;
  const texts: Record<string, string> = { "policy.yaml": `${base}${policy}`, "apps.yaml": apps };
  return readReleaseConfig(
    { policyFile: "policy.yaml", appsFile: "apps.yaml" },
    { readText: (file) => texts[file]!, requireArgo: false, today: "2026-03-29" },
  );
}

function app(given: Partial<AppSnapshot> = {}): AppSnapshot {
  return {
    sync: "OutOfSync",
    health: "Healthy",
    revision: "r2",
    inFlight: false,
    autoSync: false,
    deleting: false,
    pendingSinceMs: null,
    change: undefined,
    track: untracked,
    approval: null,
    expectedMs: null,
    ...given,
  };
}

function snapshot(apps: Readonly<Record<string, AppSnapshot>>, given: Partial<ReleaseSnapshot> = {}): ReleaseSnapshot {
  return {
    nowMs: sunday,
    usage: { cpu: 0.3, memory: 0.4 },
    apps: new Map(Object.entries(apps)),
    lowHeadroomTicks: 0,
    override: false,
    ...given,
  };
}

const allPending = { metallb: app(), "grafana-lgtm": app(), "onco-app": app(), "grafana-dashboards": app() };
const synced = app({ sync: "Synced" });

function names(decision: ReleaseDecision): string[] {
  return decision.selected.map(({ name }) => name);
}

function reasonOf(decision: ReleaseDecision, name: string): string | undefined {
  return decision.held.find((one) => one.name === name)?.reason;
}

function only(given: Partial<AppSnapshot>, around: Partial<ReleaseSnapshot> = {}, policy = ""): ReleaseDecision {
  return decide(config(policy, "apps: [{ name: a, r_i: 1, d_i: 0, risk: 0 }]"), snapshot({ a: app(given) }, around));
}

describe("a decision", () => {
  it("releases metallb and grafana-dashboards first of the four that the prototype shipped", () => {
    const decision = decide(config(), snapshot(allPending));
    expect(names(decision)).toEqual(["metallb", "grafana-dashboards"]);
    expect(decision).toMatchObject({ allowedWindow: true, reason: "exact", rmaxUsed: 2 });
    expect(decision.headroom).toBeCloseTo(1 - 0.4 / 0.7, 10);
    const scores = [...decision.selected, ...decision.held].map(({ name, score }) => [
      name,
      Number(score.total.toFixed(4)),
    ]);
    expect(Object.fromEntries(scores)).toEqual({
      metallb: 3,
      "grafana-dashboards": 2.5,
      "onco-app": 0.1667,
      "grafana-lgtm": 0.0556,
    });
  });

  it("goes on to the others as those become healthy, within what is left of Rmax", () => {
    const second = { ...allPending, metallb: synced, "grafana-dashboards": synced };
    expect(names(decide(config(), snapshot(second)))).toEqual(["onco-app"]);
    const third = { ...second, "onco-app": app({ inFlight: true }) };
    const decision = decide(config(), snapshot(third));
    expect(names(decision)).toEqual([]);
    expect(decision.reason).toBe("no_selection_under_Rmax");
    expect(decision.held.find(({ name }) => name === "grafana-lgtm")?.detail).toBe("needs 4.5, 3 of Rmax is free");
  });

  it("says nothing of what is in sync", () => {
    const decision = decide(
      config(),
      snapshot({ metallb: synced, "grafana-lgtm": synced, "onco-app": synced, "grafana-dashboards": synced }),
    );
    expect(decision).toMatchObject({ selected: [], held: [], reason: "no_pending_apps" });
  });

  it("counts a release against the number in parallel until it is healthy, though it is in sync", () => {
    const inFlight = app({ sync: "Synced", health: "Progressing", inFlight: true });
    const decision = decide(
      config("tick: { max_parallel_triggers: 1 }"),
      snapshot({ ...allPending, metallb: inFlight }),
    );
    expect(names(decision)).toEqual([]);
    expect(reasonOf(decision, "metallb")).toBe("in_flight");
    expect(reasonOf(decision, "onco-app")).toBe("no_room_now");
  });

  it("takes an application nobody has told of as unknown, and holds it", () => {
    const decision = decide(config(), snapshot({ metallb: app() }));
    expect(names(decision)).toEqual(["metallb"]);
    expect(reasonOf(decision, "onco-app")).toBe("unknown_state");
  });

  it("is the same whatever the order of applications", () => {
    const reversed = shippedApps.trim().split("\n").slice(1).toReversed().join("\n");
    const usual = decide(config(), snapshot(allPending));
    const other = decide(config("", `apps:\n${reversed}\n`), snapshot(allPending));
    expect(names(other)).toEqual(names(usual));
  });

  it("releases a high-risk application that is approved, though its score is not positive", () => {
    const risky = config("", "apps: [{ name: a, r_i: 2, d_i: 2, risk: 2 }]");
    const approval = { by: "alice", untilMs: sunday + 1, revision: "r2" };
    const decision = decide(risky, snapshot({ a: app({ approval }) }));
    expect(names(decision)).toEqual(["a"]);
    expect(decision.selected[0]!.score.total).toBeLessThan(0);
  });

  it("prefers one positive score to any number that are not", () => {
    const apps =
      "apps: [{ name: good, r_i: 6, d_i: 2, risk: 1 }, { name: x, r_i: 1, d_i: 2, risk: 2 }, { name: y, r_i: 1, d_i: 2, risk: 2 }]";
    const open = config("human_in_the_loop: { pause_high_risk: false }\nweights: { gamma_risk: 1.2 }", apps);
    expect(names(decide(open, snapshot({ good: app(), x: app(), y: app() })))).toEqual(["good"]);
  });

  it("makes a thousand pending applications compete", () => {
    const apps = Array.from(
      { length: 1000 },
      (_, index) => `  - { name: app-${index}, r_i: ${1 + (index % 37) / 10}, d_i: ${index % 5}, risk: ${index % 2} }`,
    );
    const many = config("", `apps:\n${apps.join("\n")}\n`);
    const pending = Object.fromEntries(many.apps.map(({ name }) => [name, app()]));
    const decision = decide(many, snapshot(pending));
    expect(decision.selected).toHaveLength(2);
    expect(decision.held).toHaveLength(998);
  });
});

describe("what holds an application back", () => {
  it("is headroom that is low, or not known", () => {
    const low = only({}, { usage: { cpu: 0.6, memory: 0.1 } });
    expect([low.reason, reasonOf(low, "a")]).toEqual(["low_headroom", "low_headroom"]);
    const unknown = only({}, { usage: { cpu: 0.1, memory: null } });
    expect([unknown.reason, reasonOf(unknown, "a"), unknown.headroom]).toEqual([
      "unknown_headroom",
      "unknown_headroom",
      null,
    ]);
  });

  it("is the time of day, of the application's own calendar", () => {
    const closed = only({}, { nowMs: mondayNoon });
    expect(closed).toMatchObject({ allowedWindow: false, reason: "outside_allowed_window" });
    const own =
      'apps: [{ name: a, r_i: 1, windows: { allow: [{ day: MON, start: "11:00", end: "13:00" }] } }, { name: b, r_i: 1 }]';
    const decision = decide(config("", own), snapshot({ a: app(), b: app() }, { nowMs: mondayNoon }));
    expect(names(decision)).toEqual(["a"]);
    expect(reasonOf(decision, "b")).toBe("outside_allowed_window");
    expect(decision.allowedWindow).toBe(false);
  });

  it("is a window that ends before its releases usually do", () => {
    const minuteBeforeSeven = { nowMs: Date.parse("2026-03-31T03:59:00Z") };
    expect(names(only({ expectedMs: 50_000 }, minuteBeforeSeven))).toEqual(["a"]);
    expect(reasonOf(only({ expectedMs: 90_000 }, minuteBeforeSeven), "a")).toBe("window_too_short");
  });

  it("is what it depends on, until that is synced, healthy and not under way", () => {
    const pair = config("", "apps: [{ name: db, r_i: 1 }, { name: web, r_i: 1, dependsOn: [db] }]");
    const waits = (db: AppSnapshot): string | undefined => reasonOf(decide(pair, snapshot({ db, web: app() })), "web");
    expect(waits(app())).toBe("waits_for_dependency");
    expect(waits(app({ sync: "Synced", health: "Progressing" }))).toBe("waits_for_dependency");
    expect(waits(app({ sync: "Synced", inFlight: true }))).toBe("waits_for_dependency");
    expect(waits(synced)).toBeUndefined();
    expect(reasonOf(decide(pair, snapshot({ web: app() })), "web")).toBe("waits_for_dependency");
  });

  it("is its risk, until somebody approves this revision, and only while the approval lasts", () => {
    const risky = config("", "apps: [{ name: a, r_i: 1, d_i: 0, risk: 2 }]");
    const held = (given: Partial<AppSnapshot>, around: Partial<ReleaseSnapshot> = {}): string | undefined =>
      reasonOf(decide(risky, snapshot({ a: app(given) }, around)), "a");
    expect(held({})).toBe("high_risk_paused");
    expect(held({ approval: { by: "x", untilMs: sunday + 1, revision: "r2" } })).toBeUndefined();
    expect(held({ approval: { by: "x", untilMs: sunday + 1, revision: null } })).toBeUndefined();
    expect(held({ approval: { by: "x", untilMs: sunday, revision: "r2" } })).toBe("high_risk_paused");
    expect(held({ approval: { by: "x", untilMs: sunday + 1, revision: "r1" } })).toBe("high_risk_paused");
    expect(held({}, { override: true })).toBeUndefined();
    expect(decide(risky, snapshot({ a: app() })).highRiskPaused).toEqual(["a"]);
  });

  it("is its risk after ticks in a row without headroom, even where the policy does not pause", () => {
    const bold = config(
      "human_in_the_loop: { pause_high_risk: false, consecutive_low_headroom_to_pause: 3 }",
      "apps: [{ name: a, r_i: 1, d_i: 0, risk: 2 }]",
    );
    expect(names(decide(bold, snapshot({ a: app() }, { lowHeadroomTicks: 2 })))).toEqual(["a"]);
    expect(reasonOf(decide(bold, snapshot({ a: app() }, { lowHeadroomTicks: 3 })), "a")).toBe("high_risk_paused");
  });

  it("is what the change adds to its risk", () => {
    const medium = config("", "apps: [{ name: a, r_i: 1, d_i: 0, risk: 1 }]");
    const decision = (change: AppSnapshot["change"]): ReleaseDecision =>
      decide(medium, snapshot({ a: app({ change }) }));
    expect(names(decision({ changedFields: 3, objects: 1, kinds: ["Deployment"] }))).toEqual(["a"]);
    expect(reasonOf(decision({ changedFields: 500, objects: 9, kinds: ["CustomResourceDefinition"] }), "a")).toBe(
      "high_risk_paused",
    );
    expect(reasonOf(decision(null), "a")).toBe("unknown_change");
  });

  it("is a failure not long ago", () => {
    const track = { failedAtMs: [sunday - 1_000], retryAtMs: sunday + 59_000, condemnedRevision: null };
    expect(reasonOf(only({ track }), "a")).toBe("backing_off");
    expect(names(only({ track }, { nowMs: sunday + 59_000 }))).toEqual(["a"]);
  });

  it("is a revision that was rolled back, until it is approved by name", () => {
    const track = { ...untracked, condemnedRevision: "r2" };
    expect(reasonOf(only({ track }), "a")).toBe("condemned_revision");
    expect(names(only({ track, revision: "r3" }))).toEqual(["a"]);
    expect(names(only({ track, approval: { by: "x", untilMs: sunday + 1, revision: "r2" } }))).toEqual(["a"]);
    expect(reasonOf(only({ track, approval: { by: "x", untilMs: sunday + 1, revision: null } }), "a")).toBe(
      "condemned_revision",
    );
  });

  it("is another application that kept failing: one is tried at a time", () => {
    const two = config("", "apps: [{ name: a, r_i: 1 }, { name: b, r_i: 1 }, { name: c, r_i: 1 }]");
    const track = { failedAtMs: [1, 2, 3], retryAtMs: null, condemnedRevision: null };
    const decision = decide(two, snapshot({ a: app({ track }), b: app({ track }), c: app() }));
    expect(names(decision).toSorted()).toEqual(["a", "c"]);
    expect(reasonOf(decision, "b")).toBe("backing_off");
    const probing = decide(two, snapshot({ a: app({ track, inFlight: true }), b: app({ track }), c: synced }));
    expect(reasonOf(probing, "b")).toBe("backing_off");
  });

  it("is that Argo CD syncs it by itself, or that it is being deleted", () => {
    expect(reasonOf(only({ autoSync: true }), "a")).toBe("auto_sync");
    expect(reasonOf(only({ deleting: true }), "a")).toBe("deleting");
  });

  it("is its size, where it can never fit", () => {
    const big = decide(config("", "apps: [{ name: a, r_i: 7 }]"), snapshot({ a: app() }));
    expect(big.held[0]).toMatchObject({ reason: "over_rmax", detail: "needs 7, Rmax is 6" });
  });

  it("is room kept for one that has waited beyond patience", () => {
    const apps = "apps: [{ name: big, r_i: 5, risk: 1 }, { name: busy, r_i: 2 }, { name: small, r_i: 1 }]";
    const states = { big: app({ pendingSinceMs: sunday - 25 * hourMs }), busy: app({ inFlight: true }), small: app() };
    const decision = decide(config("", apps), snapshot(states));
    expect(names(decision)).toEqual([]);
    expect(reasonOf(decision, "small")).toBe("reserved_for_starving");
    const free = decide(config("", apps), snapshot({ ...states, busy: synced }));
    expect(names(free).toSorted()).toEqual(["big", "small"]);
  });
});
