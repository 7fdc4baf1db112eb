import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import type { ReleaseDecision } from "./decision.ts";
import { type AppSnapshot, type ReleaseSnapshot, untracked } from "./snapshot.ts";
import { app, config, mondayNoon, names, only, reasonOf, snapshot, sunday, synced } from "./testing.ts";

const hourMs = 3_600_000;

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
    const track = { failedAtMs: [sunday - 1_000], retryAtMs: sunday + 59_000, condemnedRevision: null, settled: null };
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
    const track = { failedAtMs: [1, 2, 3], retryAtMs: null, condemnedRevision: null, settled: null };
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
