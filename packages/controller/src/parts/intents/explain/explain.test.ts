import type { IntentStatus } from "@walras/api";
import { VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import { Teller } from "../../../base/told/teller.ts";
import type { Measurement } from "../decide/snapshot.ts";
import type { IntentDecision } from "../decide/decision.ts";
import { decisionFor, p99, seenIntent } from "../loop/testing.ts";
import type { Told } from "../loop/steps.ts";
import { IntentAnnouncer } from "./announcer.ts";
import { IntentExplainer } from "./explainer.ts";
import { StatusWriter } from "./statusWriter.ts";
import { recallFrom } from "./stores.ts";
import { intentVerdicts } from "./verdicts.ts";

const grow = [{ name: "scaleOut", properties: { factor: 2 } }];
const uid = "uid-web";
const fresh: Measurement = { kind: "value", value: 80 };

/** What the API server would have of the status, and what was written and told. */
class Desk {
  readonly clock = new VirtualClock(0);
  status: IntentStatus = {};
  readonly patches: object[] = [];
  readonly events: string[] = [];
  untold: Parameters<StatusWriter["writeProfile"]>[0][] = [];
  readonly explainer = new IntentExplainer({
    statuses: { get: () => ({ uid, namespace: "shop", name: "web", status: this.status }) },
    writer: new StatusWriter(
      {
        send: ({ body }) => {
          this.patches.push(body as object);
          const { status } = body as { readonly status: IntentStatus };
          this.status = withoutNulls({ ...this.status, ...status });
          return Promise.resolve({});
        },
        stream: () => Promise.reject(new Error("nothing is watched here")),
      },
      { length: 0, enqueue: ({ write }) => void write(), perform: ({ write }) => write() },
    ),
    announcer: new IntentAnnouncer(
      new Teller({
        part: "intents",
        action: "Planning",
        verdicts: intentVerdicts,
        events: { record: ({ type, reason, note }) => this.events.push(`${type} ${reason}: ${note}`) },
        history: { append: () => undefined },
        clock: this.clock,
      }),
    ),
    untoldProfiles: () => this.untold,
  });

  tell(
    told: Partial<Told> = {},
    { measured = fresh, nowMs = 0 }: { readonly measured?: Measurement; readonly nowMs?: number } = {},
  ): void {
    const whole = { seen: seenIntent(), decision: decisionFor("shop/web"), execution: null, effect: null, ...told };
    const known = new Map([["shop/web", new Map([[p99, measured]])]]);
    this.explainer.tell({ nowMs, told: [whole], bad: [], measured: known });
  }

  condition(type: string): string {
    const { status, reason } = this.status.conditions?.find((one) => one.type === type) ?? {};
    return `${status} ${reason}`;
  }
}

/** As a merge patch takes them. */
function withoutNulls(status: IntentStatus): IntentStatus {
  return JSON.parse(JSON.stringify(status, (_, value: unknown) => value ?? undefined)) as IntentStatus;
}

let desk: Desk;

beforeEach(() => {
  desk = new Desk();
});

const missed = (over: Partial<IntentDecision> = {}): IntentDecision =>
  decisionFor("shop/web", {
    plan: grow,
    objectives: [{ profile: p99, target: 100, value: 150, expected: 90, met: false }],
    ...over,
  });
const unknown = decisionFor("shop/web", {
  verdict: "Unknown",
  reason: `${p99} is missing`,
  objectives: [{ profile: p99, target: 100, value: null, expected: null, met: null }],
});

describe("the status of an Intent", () => {
  it("has each objective, and that all are met", () => {
    desk.tell();
    expect(desk.status).toMatchObject({
      observedGeneration: 3,
      verdict: "Fulfilled",
      objectives: [{ name: "fast", profile: p99, target: 100, tolerance: 0.1, current: 80, met: true, since: iso(0) }],
    });
    expect(conditions()).toEqual(["True ObjectivesMet", "False ObjectivesMet", "False Measured", "False SoleOwner"]);
  });

  it("is degraded where an objective is missed, unless a plan that helps was carried out", () => {
    desk.tell({ decision: missed({ plan: [], verdict: "Unreachable", reason: "max_pods 2" }) });
    expect(conditions().slice(0, 2)).toEqual(["False ObjectivesMissed", "True Unreachable"]);
    desk.tell({ decision: missed(), execution: { verdict: "Done", message: "scaleOut" } });
    expect(conditions().slice(0, 2)).toEqual(["False ObjectivesMissed", "False PlanExecuted"]);
    desk.tell({ decision: missed(), execution: { verdict: "Refused", message: "forbidden" } });
    expect(desk.condition("Degraded")).toBe("True Refused");
  });

  it("is unknown where something is missing; an old value is shown as old", () => {
    desk.tell({ decision: unknown }, { measured: { kind: "stale", value: 70, ageSeconds: 300 } });
    expect(conditions()).toEqual(["Unknown Unknown", "Unknown Unknown", "True NotMeasured", "False SoleOwner"]);
    expect(desk.status.objectives).toEqual([
      { name: "fast", profile: p99, target: 100, tolerance: 0.1, current: 70, stale: true, since: iso(0) },
    ]);
  });

  it("names who else decides about the workload, also while nothing is to be done", () => {
    const seen = seenIntent();
    const rivals = [{ kind: "HorizontalPodAutoscaler", name: "shop/hpa", of: "replicas" }] as const;
    const target = seen.target && { ...seen.target, rivals };
    desk.tell({ seen: { ...seen, target } });
    expect([desk.condition("Conflict"), desk.status.verdict]).toEqual(["True OtherOwner", "Fulfilled"]);
    const execution = { verdict: "Conflict", message: "HorizontalPodAutoscaler shop/hpa" } as const;
    desk.tell({ seen: { ...seen, target }, decision: missed(), execution });
    expect([desk.status.verdict, desk.status.lastPlan]).toEqual(["Conflict", undefined]);
  });

  it("keeps the time of a condition and of an objective until it changes", () => {
    desk.tell();
    desk.tell({ decision: decisionFor("shop/web", { reason: "still" }) }, { nowMs: 60_000 });
    expect([desk.status.conditions?.[0]?.lastTransitionTime, desk.status.objectives?.[0]?.since]).toEqual([
      iso(0),
      iso(0),
    ]);
    desk.tell({ decision: missed() }, { nowMs: 120_000 });
    expect(desk.status.conditions?.[0]?.lastTransitionTime).toBe(iso(120_000));
    expect(desk.status.objectives?.[0]?.since).toBe(iso(120_000));
  });

  it("is written only where it says something new: a value that has hardly moved is not", () => {
    const at = (value: number): IntentDecision =>
      decisionFor("shop/web", { objectives: [{ profile: p99, target: 100, value, expected: value, met: true }] });
    for (const value of [80, 81, 82, 79]) desk.tell({ decision: at(value) });
    expect(desk.patches).toHaveLength(1);
    desk.tell({ decision: at(90) });
    expect(desk.patches).toHaveLength(2);
  });

  it("says which field of an Intent cannot be read", () => {
    const bad = { ref: seenIntent().ref, generation: 4, problem: "spec.priority: 2" };
    for (let round = 0; round < 2; round += 1)
      desk.explainer.tell({ nowMs: 0, told: [], bad: [bad], measured: new Map() });
    expect(desk.patches).toHaveLength(1);
    expect([desk.status.verdict, desk.condition("Unknown"), desk.events]).toEqual([
      "Invalid",
      "True Invalid",
      ["Warning InvalidIntent: spec.priority: 2"],
    ]);
  });

  it("is bounded, whatever is told", () => {
    const plan = Array.from({ length: 1_000 }, (_, index) => ({ name: "rmPod", properties: { name: `pod-${index}` } }));
    const rejected = plan.map((one) => ({ ...one, reason: "x".repeat(10_000) }));
    desk.tell({
      decision: missed({ plan, rejected, reason: "y".repeat(100_000) }),
      execution: { verdict: "Done", message: "" },
    });
    expect(JSON.stringify(desk.status).length).toBeLessThan(60_000);
  });
});

describe("the last plan", () => {
  it("is on record before it is carried out, then with what came of it, and with what was seen", async () => {
    await desk.explainer.begins(seenIntent(), missed(), 0);
    expect(desk.status.lastPlan).toMatchObject({ outcome: "InProgress", predicted: [{ profile: p99, value: 90 }] });
    desk.tell({ decision: missed(), execution: { verdict: "Done", message: "scaleOut" } }, { nowMs: 5 });
    expect(desk.status.lastPlan).toMatchObject({ at: iso(0), outcome: "Done", actions: grow });
    desk.tell({ effect: { verdict: "AsPredicted", seen: [{ profile: p99, value: 91 }], reverted: null } });
    expect(desk.status.lastPlan).toMatchObject({ outcome: "AsPredicted", seen: [{ profile: p99, value: 91 }] });
    await desk.explainer.begins(seenIntent(), missed(), 60_000);
    expect(desk.status.lastPlan?.seen).toBeUndefined();
  });

  it("that nobody finished is said to be interrupted by whoever comes next, who cools down from then", async () => {
    await desk.explainer.begins(seenIntent(), missed(), 7_000);
    const next = new Desk();
    next.status = desk.status;
    const stores = { get: () => ({ uid, namespace: "shop", name: "web", status: next.status }) };
    expect(recallFrom(stores, seenIntent())).toEqual({ grownAtMs: 7_000, shrunkAtMs: null });
    next.tell();
    expect(next.status.lastPlan).toMatchObject({ outcome: "Interrupted", actions: grow });
    expect(recallFrom(stores, seenIntent())).toEqual({ grownAtMs: 7_000, shrunkAtMs: null });
  });

  it("is a draft where the intent is not active: nothing was done", () => {
    desk.tell({ decision: missed({ execute: false }) });
    desk.tell({ decision: missed({ execute: false }) }, { nowMs: 45_000 });
    expect(desk.status.lastPlan).toMatchObject({ at: iso(0), outcome: "Drafted", actions: grow });
    expect(desk.patches).toHaveLength(1);
    const stores = { get: () => ({ uid, namespace: "shop", name: "web", status: desk.status }) };
    expect(recallFrom(stores, seenIntent())).toBeUndefined();
  });

  it("is what it was where nothing was begun", () => {
    desk.tell({ decision: missed(), execution: { verdict: "Done", message: "" } });
    const before = desk.status.lastPlan;
    desk.tell({ decision: missed(), execution: { verdict: "CoolingDown", message: "" } }, { nowMs: 1_000 });
    expect(desk.status.lastPlan).toEqual(before);
  });
});

describe("Events", () => {
  it("tell once how an intent stands, and each plan that was carried out", () => {
    desk.tell({ decision: missed(), execution: { verdict: "Done", message: "scaleOut" } });
    for (const nowMs of [1, 2]) desk.tell({}, { nowMs });
    desk.tell({ decision: unknown });
    expect(desk.events).toEqual([
      "Normal PlanExecuted: scaleOut 2: to bring it down",
      "Normal IntentFulfilled: every objective is met",
      `Warning IntentUnknown: ${p99} is missing`,
    ]);
  });

  it("tell a plan that is only drafted, once", () => {
    for (const nowMs of [1, 2]) desk.tell({ decision: missed({ execute: false }) }, { nowMs });
    expect(desk.events).toEqual(["Normal PlanDrafted: scaleOut 2: to bring it down"]);
  });

  it("tell what kept a plan from being carried out, and that one was taken back", () => {
    desk.tell({ decision: missed(), execution: { verdict: "Refused", message: "a budget" } });
    const reverted = { verdict: "RolledBack", message: "what it did is taken back" } as const;
    desk.tell({ effect: { verdict: "TookTooMuch", seen: [{ profile: p99, value: 300 }], reverted } });
    expect(desk.events).toEqual([
      "Warning PlanNotExecuted: Refused: a budget",
      "Normal IntentFulfilled: every objective is met",
      "Warning PlanTakenBack: what it did is taken back",
    ]);
    expect(desk.status.lastPlan).toMatchObject({ outcome: "RolledBack", seen: [{ profile: p99, value: 300 }] });
  });
});

describe("profiles and the view", () => {
  it("have their status written where it does not say yet whether they are resolved", () => {
    desk.untold = [{ ref: seenIntent().ref, resolved: false, reason: "spec.props.endpoint: 1" }];
    desk.explainer.tell({ nowMs: 0, told: [], bad: [], measured: new Map() });
    expect(desk.patches).toEqual([
      { metadata: { uid }, status: { resolved: false, reason: "spec.props.endpoint: 1" } },
    ]);
  });

  it("shows each intent with its plan and what was rejected", () => {
    expect(desk.explainer.view()).toEqual({ at: null, intents: [], invalid: [] });
    desk.tell({ decision: missed(), execution: { verdict: "Done", message: "scaleOut" } });
    expect(desk.explainer.view()).toMatchObject({
      at: iso(0),
      intents: [{ name: "shop/web", verdict: "Planned", plan: grow, lastPlan: { outcome: "Done" } }],
    });
  });
});

function conditions(): string[] {
  return ["Fulfilled", "Degraded", "Unknown", "Conflict"].map((type) => desk.condition(type));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
