import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import { allPending, app, config, names, reasonOf, shippedApps, snapshot, sunday, synced } from "./testing.ts";

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
