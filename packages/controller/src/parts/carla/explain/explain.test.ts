import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLogger, VirtualClock } from "@walras/kit";
import type { EventNote } from "@walras/kube";
import { describe, expect, it, onTestFinished } from "vitest";

import { Teller } from "../../../base/told/teller.ts";
import type { HeldApp, ReleaseDecision } from "../decide/decision.ts";
import { pendingApplication } from "../act/testing.ts";
import { answerOf } from "./answer.ts";
import { CsvFile, decisionColumns, decisionRow, rolloutColumns, rolloutRow } from "./csv.ts";
import { ReleaseEvents } from "./events.ts";
import { carlaVerdicts } from "./verdicts.ts";

const score = { depth: 1, inverseResource: 1, risk: -0, window: 1, wait: 0.00001, total: 3.00001 };
const selected = { name: "metallb", score, risk: 0, r: 1, revision: "r2" };
const held = (name: string, reason: HeldApp["reason"], detail = ""): HeldApp => ({ ...selected, name, reason, detail });

function decision(given: Partial<ReleaseDecision> = {}): ReleaseDecision {
  return {
    nowMs: 1_761_598_707_500,
    allowedWindow: true,
    headroom: 0.42857,
    selected: [selected],
    held: [held("onco-app", "no_room_now")],
    reason: "exact",
    rmaxUsed: 1,
    highRiskPaused: [],
    ...given,
  };
}

describe("rows for analyses", () => {
  const policy = { minHeadroom: 0.2 };

  it("are as the prototype wrote them", () => {
    expect(decisionRow(decision(), policy)).toEqual([
      1_761_598_707,
      "CARLA-knapsack",
      1,
      "0.429",
      "metallb",
      "onco-app",
      "exact",
    ]);
    const low = decision({
      allowedWindow: false,
      headroom: -0.2308,
      selected: [],
      held: [held("a", "low_headroom"), held("b", "low_headroom")],
      reason: "low_headroom",
    });
    expect(decisionRow(low, policy)).toEqual([
      1_761_598_707,
      "CARLA-knapsack",
      0,
      "-0.231",
      "",
      "a|b",
      "low_headroom(H=-0.23<Δ=0.20)",
    ]);
    expect(decisionRow(decision({ headroom: null, reason: "unknown_headroom" }), policy)[3]).toBe("");
    expect(rolloutRow({ startedAtMs: 1_000_500, tookMs: 21_610, app: "metallb", revision: "r2" })).toEqual([
      "1000",
      "1022",
      "metallb",
      "r2",
      "21.610",
    ]);
  });

  it("are appended under one header, and go on in a file that is there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "csv-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "runs", "decisions.csv");
    const csv = new CsvFile(() => file, decisionColumns, silentLogger);
    csv.append(["1", "a,b", 'say "x"']);
    await csv.settled();
    const again = new CsvFile(() => file, decisionColumns, silentLogger);
    again.append(["2"]);
    await again.settled();
    expect(readFileSync(file, "utf8")).toBe(`${decisionColumns.join(",")}\n1,"a,b","say ""x"""\n2\n`);
  });

  it("are lost where they cannot be written, and nothing else is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "csv-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "runs"), "a file where a folder should be");
    let file = join(folder, "runs", "rollouts.csv");
    const csv = new CsvFile(() => file, rolloutColumns, silentLogger);
    csv.append(["lost"]);
    await csv.settled();
    file = join(folder, "rollouts.csv");
    csv.append(["kept"]);
    await csv.settled();
    expect(readFileSync(file, "utf8").split("\n")[1]).toBe("kept");
  });
});

describe("the answer", () => {
  it("names what goes and what is held, with numbers to four decimals", () => {
    expect(answerOf(decision({ held: [held("onco-app", "low_headroom", "headroom is 0.1")] }))).toMatchObject({
      allowedWindow: true,
      headroom: 0.4286,
      selected: ["metallb"],
      held: { "onco-app": { reason: "low_headroom", detail: "headroom is 0.1", score: 3 } },
      scores: { metallb: { depth: 1, wait: 0, total: 3, riskLevel: 0, r: 1 } },
    });
  });
});

describe("Events on Applications", () => {
  const tell = (): { events: ReleaseEvents; told: string[] } => {
    const told: string[] = [];
    const sink = {
      record: ({ regarding, reason, note }: EventNote) => void told.push(`${regarding.name} ${reason}: ${note}`),
    };
    const kept = { append: () => undefined };
    const around = { events: sink, history: kept, clock: new VirtualClock() };
    const teller = new Teller({ part: "carla", action: "Release", verdicts: carlaVerdicts, ...around });
    return {
      told,
      events: new ReleaseEvents(teller, (name) => (name === "unknown" ? undefined : pendingApplication({ name }))),
    };
  };

  it("tell each hold once, and again only when it is another", () => {
    const { events, told } = tell();
    const night = decision({
      held: [held("a", "outside_allowed_window", "outside every window"), held("unknown", "unknown_state")],
    });
    events.decided(night);
    events.decided(night);
    events.decided(decision({ held: [held("a", "no_room_now")] }));
    events.decided(decision({ held: [held("a", "high_risk_paused", "risk 2 is 2 or more")] }));
    expect(told).toEqual([
      "a HeldOutsideAllowedWindow: outside every window (score 3.000)",
      "a HeldHighRiskPaused: risk 2 is 2 or more (score 3.000)",
    ]);
  });

  it("R2: tell those of high risk of an override, from when to when and from which file, once", () => {
    const { events, told } = tell();
    const risky = decision({ held: [{ ...held("a", "high_risk_paused"), risk: 2 }] });
    const override = { kind: "in force" as const, fromMs: 0, untilMs: 60_000, detail: "", file: "/app/override.yaml" };
    events.overridden(risky, 2, override);
    events.overridden(risky, 2, override);
    events.overridden(risky, 2, { ...override, kind: "held", detail: "its time is not known" });
    events.overridden(risky, 2, { ...override, kind: "over", detail: "its time is over" });
    events.overridden(risky, 2, override);
    const approves =
      "a OverrideInForce: /app/override.yaml approves every high-risk release" +
      " from 1970-01-01T00:00:00.000Z until 1970-01-01T00:01:00.000Z";
    expect(told).toEqual([
      approves,
      "a OverrideHeld: /app/override.yaml approves nothing: its time is not known",
      approves,
    ]);
  });

  it("tell a release from its beginning to its end, with who approved it", () => {
    const { events, told } = tell();
    const release = {
      id: "rel-1",
      app: "a",
      ref: { namespace: "argocd", name: "a" },
      project: "default",
      revisions: ["r2"],
      rollback: false,
      prune: false,
      phase: "asked" as const,
      startedAtMs: 0,
      begunMs: 0,
      healthySinceMs: null,
      degradedSinceMs: null,
      outOfSyncSinceMs: null,
      withdrawn: null,
    };
    events.asked(release, "alice");
    events.ended(release, { kind: "failed", reason: "degraded", message: "the application is Degraded" }, 61_000);
    events.asked({ ...release, rollback: true, revisions: ["r1"] }, null);
    events.ended(release, { kind: "succeeded", outOfSync: false }, 12_340);
    events.invalid("a", "wrong");
    events.invalid("a", "wrong");
    expect(told).toEqual([
      "a ReleaseStarted: release rel-1: revision r2, approved by alice",
      "a ReleaseFailed: release rel-1: degraded after 61.0 s: the application is Degraded",
      "a ReleaseRolledBack: release rel-1: revision r1",
      "a ReleaseSucceeded: release rel-1: healthy after 12.3 s",
      "a InvalidAnnotation: wrong",
    ]);
  });
});
