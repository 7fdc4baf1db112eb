import { describe, expect, it } from "vitest";

import { ArgoError, type ArgoFailure } from "../argocd/port.ts";
import type { Freeze } from "../config/policy.ts";
import { config, sunday } from "../decide/testing.ts";
import { decisionRow } from "../explain/csv.ts";
import { answerOf } from "../explain/answer.ts";
import { Stage } from "./testing/stage.ts";

const three = "apps: [{ name: a, r_i: 1 }, { name: b, r_i: 1 }, { name: c, r_i: 1 }]";
const abreast = "tick: { max_parallel_triggers: 3 }";

function row({ acted, config: { policy } }: Stage, index = -1): Record<string, unknown> {
  const { decision, notSynced } = acted.at(index)!;
  const [, , , , selected, skipped, reason] = decisionRow(decision, policy, notSynced);
  return { selected, skipped, reason };
}

function reasons({ acted }: Stage): ReadonlySet<string> {
  return new Set(acted.at(-1)!.decision.held.map(({ reason }) => reason));
}

describe("a tick", () => {
  it("asks for what it has selected, and its row says so", async () => {
    const stage = new Stage(config(abreast, three), sunday);
    await stage.run(1);
    expect(stage.syncs.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect(row(stage)).toEqual({ selected: "a|b|c", skipped: "", reason: "exact" });
  });

  it.each<[string, "read" | "sync", ArgoFailure, string]>([
    ["a token that was revoked", "read", "unauthorized", "unauthorized"],
    ["a token revoked in between", "sync", "unauthorized", "unauthorized"],
    ["a right that is missing", "sync", "forbidden", "forbidden"],
    ["a window of Argo CD's", "sync", "blockedBySyncWindow", "blocked_by_sync_window"],
    ["what Argo CD will not do", "sync", "rejected", "rejected"],
    ["an Argo CD that does not answer reads", "read", "unreachable", "unreachable"],
  ])("R6: tells in its row that %s kept it from syncing", async (_, call, failure, word) => {
    const stage = new Stage(config(abreast, three), sunday);
    stage.trouble = { [call]: new ArgoError(failure, "no", { status: 400 }) };
    await stage.run(1);
    expect(row(stage)).toEqual({ selected: "", skipped: "a|b|c", reason: `exact; not_synced: ${word}(a|b|c)` });
    expect(stage.acted.at(-1)!.notSynced.size).toBe(3);
  });

  it("R6: counts as asked what may have been done though its answer got lost", async () => {
    const stage = new Stage(config(abreast, three), sunday);
    stage.trouble = { sync: new ArgoError("unreachable", "hang up", { status: 0 }) };
    await stage.run(1);
    expect(row(stage)).toEqual({ selected: "a|b|c", skipped: "", reason: "exact" });
  });

  it("R6: says of a tick that could not act that an earlier one still does", async () => {
    const stage = new Stage(config("tick: { max_parallel_triggers: 2 }", three), sunday);
    stage.answersAfterMs = 15_000;
    const first = stage.run(31);
    const second = stage.run();
    await Promise.all([first, second]);
    expect(row(stage, 0)).toMatchObject({ selected: "", reason: "exact; not_synced: an_earlier_tick_acts(a|b)" });
    expect(row(stage, 1)).toMatchObject({ selected: "a|b", skipped: "c" });
  });

  it("decides anew once Applications are known, also where nothing may go: reasons are those that count", async () => {
    const stage = new Stage(config(abreast, three), sunday);
    Object.assign(stage, { current: false, usage: { cpu: null, memory: null } });
    await stage.run(1);
    expect(row(stage)).toMatchObject({ selected: "", skipped: "a|b|c" });
    expect(reasons(stage)).toEqual(new Set(["unknown_state"]));
    expect(stage.tick.isDue(stage.config)).toBe(false);
    stage.current = true;
    expect(stage.tick.isDue(stage.config)).toBe(true);
    await stage.run(1);
    expect(reasons(stage)).toEqual(new Set(["unknown_headroom"]));
    expect(stage.tick.isDue(stage.config)).toBe(false);
    stage.usage = { cpu: 0.1, memory: 0.1 };
    expect(stage.tick.isDue(stage.config)).toBe(true);
  });

  it("R14: looks at the window before each release: none begins after it has closed", async () => {
    const tuesday = "2026-03-31T03:59:40Z";
    const stage = new Stage(config(abreast, three), Date.parse(tuesday));
    stage.answersAfterMs = 15_000;
    await stage.run(60);
    expect(stage.syncs.map(({ name }) => name)).toEqual(["a", "b"]);
    const closesMs = Date.parse("2026-03-31T04:00:00Z");
    expect(stage.syncs.filter(({ atMs }) => atMs >= closesMs)).toEqual([]);
    expect(row(stage)).toEqual({
      selected: "a|b",
      skipped: "c",
      reason: "exact; not_synced: outside_allowed_window(c)",
    });
  });

  it.each<[string, (stage: Stage) => void, string]>([
    ["load", (stage: Stage) => void (stage.usage = { cpu: 1, memory: 1 }), "low_headroom"],
    [
      "the policy",
      (stage: Stage) => void (stage.config = config(`${abreast}\nthresholds: { min_headroom: 1 }`, three)),
      "low_headroom",
    ],
    ["the revision", (stage: Stage) => stage.change("b", { revisions: ["r3"] }), "revision_changed"],
    ["the Application", (stage: Stage) => stage.change("b", { autoSync: true }), "auto_sync"],
  ])("R14: looks at %s before each release", async (_, happen, why) => {
    const stage = new Stage(config(abreast, three), sunday);
    stage.answersAfterMs = 5_000;
    stage.clock.after(2_000, () => happen(stage));
    await stage.run(20);
    expect(stage.acted.at(-1)!.notSynced.get("b")).toBe(why);
  });
});

it("R2, R8: a tick asks under namespace and name, and names the override where the risk asks for consent", async () => {
  const stage = new Stage(config(abreast, "apps: [{ name: a, r_i: 1, risk: 2 }, { name: b, r_i: 1 }]"), sunday);
  stage.override = "override.yaml";
  await stage.run(1);
  const asked = stage.journal.entries.map((entry) => (entry.event === "asked" ? [entry.app, entry.approvedBy] : []));
  expect(asked).toEqual([
    ["argocd/b", null],
    ["argocd/a", "override.yaml"],
  ]);
});

describe("freeze: a tick", () => {
  const freeze: Freeze = { fromMs: sunday, untilMs: null, except: new Set(), inFlight: "continue", by: "dana" };

  it("releases nothing more once it is frozen, in the middle of its releases too", async () => {
    const stage = new Stage(config(abreast, three), sunday);
    stage.answersAfterMs = 5_000;
    stage.clock.after(2_000, () => (stage.freezes = [{ ...freeze, except: new Set(["c"]) }]));
    await stage.run(20);
    expect(stage.syncs.map(({ name }) => name)).toEqual(["a", "c"]);
    expect(row(stage)).toEqual({ selected: "a|c", skipped: "b", reason: "exact; not_synced: frozen(b)" });
  });

  it("releases what has piled up in order when it is lifted", async () => {
    const apps =
      "apps: [{ name: late, r_i: 1, d_i: 3 }, { name: first, r_i: 1, d_i: 0 }, { name: next, r_i: 1, d_i: 1 }]";
    const stage = new Stage(config(abreast, apps), sunday);
    stage.freezes = [freeze];
    await stage.run(1);
    expect([stage.syncs, row(stage)]).toEqual([[], { selected: "", skipped: "late|first|next", reason: "frozen" }]);
    stage.freezes = [];
    await stage.run(1);
    expect(stage.syncs.map(({ name }) => name)).toEqual(["first", "next", "late"]);
  });

  it("writes down when what is held by time may go", async () => {
    const stage = new Stage(config(abreast, three), Date.parse("2026-03-30T09:00:00Z"));
    await stage.run(1);
    expect(row(stage)["reason"]).toBe("outside_allowed_window(next_open=2026-03-30T17:00:00.000Z)");
    const { decision } = stage.acted.at(-1)!;
    expect(answerOf(decision).held["a"]?.nextOpen).toBe("2026-03-30T17:00:00.000Z");
    expect(answerOf(decision).held["a"]?.detail).toContain("next open at 2026-03-30T17:00:00Z");
    stage.freezes = [{ ...freeze, untilMs: Date.parse("2026-03-31T09:00:00Z") }];
    await stage.run(1);
    expect(row(stage)["reason"]).toBe("frozen(next_open=2026-03-31T17:00:00.000Z)");
  });
});
