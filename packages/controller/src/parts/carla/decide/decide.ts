import { effectiveRisk } from "./risk.ts";
import type { AppPolicy, ReleaseConfig } from "../config/policy.ts";
import { BudgetLedger } from "./budgets.ts";
import { headroomOf } from "./headroom.ts";
import { choose, type Choice, type Contender, type Room } from "./choose.ts";
import type { AppDecision, HeldApp, HoldReason, ReleaseDecision } from "./decision.ts";
import { freezesOf } from "./freeze.ts";
import { holdOf, probeAfterFailures } from "./gates.ts";
import type { GateContext, Hold } from "./hold.ts";
import { Openings } from "./openings.ts";
import { type Queue, roomIn } from "./queue.ts";
import { scoreOf } from "./score.ts";
import { type ReleaseSnapshot, unknownApp } from "./snapshot.ts";

/** An application that is pending or unknown, with what its gates say. */
interface Judged {
  readonly contender: Contender;
  readonly hold: Hold | null;
}

/**
 * Which of the pending applications are released now, and what holds back the
 * others. Gates first, in an order that names the most general obstacle; those
 * that pass share Rmax and the number of parallel releases with what is in
 * flight already.
 */
export function decide(config: ReleaseConfig, snapshot: ReleaseSnapshot): ReleaseDecision {
  const { policy, apps } = config;
  const { nowMs } = snapshot;
  const headroom = headroomOf(snapshot.usage, policy);
  const openings = new Openings();
  const context = gateContext(config, snapshot, { headroom, openings });
  const judged = apps.flatMap((app) => judge(app, { snapshot, config, context }));
  const contenders = judged.flatMap(({ contender, hold }) => (hold ? [] : [contender]));
  const room = roomFor(config, snapshot);
  const choice = choose(contenders, room, { policy, nowMs });
  const allowedWindow = openings.at(policy.calendar, nowMs).open;
  const held = judged.flatMap(({ contender, hold }) => heldApp(contender, hold ?? choice.left.get(contender.name)));
  return {
    nowMs,
    allowedWindow,
    headroom,
    selected: choice.chosen.map(toDecision),
    held,
    reason: overallReason({ judged, choice, headroom, held }),
    rmaxUsed: policy.rmax - room.free + choice.chosen.reduce((sum, { r }) => sum + r, 0),
    highRiskPaused: held.filter(({ reason }) => reason === "high_risk_paused").map(({ name }) => name),
  };
}

/** After K ticks in a row without headroom high-risk releases want a person's eye even where the policy does not pause them. */
function gateContext(
  config: ReleaseConfig,
  snapshot: ReleaseSnapshot,
  { headroom, openings }: Pick<GateContext, "headroom" | "openings">,
): GateContext {
  const { policy } = config;
  const low = headroom === null || headroom < policy.minHeadroom;
  const lowTicks = snapshot.lowHeadroomTicks + (low ? 1 : 0);
  return {
    policy,
    nowMs: snapshot.nowMs,
    headroom,
    openings,
    pausesHighRisk: policy.pauseHighRisk || lowTicks >= policy.lowHeadroomTicksToPause,
    override: snapshot.override,
    unremembered: snapshot.unremembered ?? null,
    freezes: snapshot.freezes === null ? null : freezesOf(config, snapshot.freezes ?? []),
    beginsInMs: snapshot.queue?.waitMs ?? 0,
    stateOf: (name) => snapshot.apps.get(name) ?? null,
  };
}

function judge(
  app: AppPolicy,
  around: { snapshot: ReleaseSnapshot; config: ReleaseConfig; context: GateContext },
): Judged[] {
  const { snapshot, config, context } = around;
  const { policy } = config;
  const state = snapshot.apps.get(app.name) ?? unknownApp;
  if (state.sync === "Synced" && !state.inFlight) return [];
  const opening = context.openings.at(app.calendar, snapshot.nowMs);
  const risk = effectiveRisk(app, state, policy.risk, snapshot.nowMs).total;
  const waitedMs = state.pendingSinceMs === null ? 0 : snapshot.nowMs - state.pendingSinceMs;
  const score = scoreOf({ app, risk, open: opening.open, waitedMs }, policy.weights);
  const contender = { app, state, name: app.name, score, risk, r: app.r, revision: state.revision };
  return [{ contender, hold: holdOf({ app, state, opening, risk }, context) }];
}

function roomFor({ policy, apps }: ReleaseConfig, snapshot: ReleaseSnapshot): Room {
  const inFlight = apps.filter(({ name }) => snapshot.apps.get(name)?.inFlight === true);
  const budgets = new BudgetLedger(policy.budgets);
  for (const { name, r } of inFlight) budgets.take({ r, state: snapshot.apps.get(name) ?? unknownApp });
  const used = inFlight.reduce((sum, { r }) => sum + r, 0);
  return {
    free: policy.rmax - used,
    ...slotsFor(policy.maxParallel - inFlight.length, snapshot.queue),
    budgets,
    probing: inFlight.some(({ name }) => (snapshot.apps.get(name)?.track.failedAtMs.length ?? 0) >= probeAfterFailures),
  };
}

function slotsFor(parallel: number, queue: Queue | undefined): Pick<Room, "slots" | "full"> {
  const room = roomIn(queue);
  if (!queue || room >= parallel)
    return { slots: Math.max(0, parallel), full: "as many releases as allowed are in flight" };
  const full = `Argo CD has yet to begin ${queue.notBegun} of what it was asked for: no more than ${queue.most} at a time`;
  return { slots: room, full };
}

function heldApp(contender: Contender, hold: Hold | undefined): HeldApp[] {
  return hold ? [{ ...toDecision(contender), ...hold }] : [];
}

function toDecision({ name, score, risk, r, revision }: AppDecision): AppDecision {
  return { name, score, risk, r, revision };
}

function isAll(reasons: ReadonlySet<HoldReason>, reason: HoldReason): boolean {
  return reasons.size === 1 && reasons.has(reason);
}

/** The obstacle that all have in common, in the prototype's words. */
function overallReason(outcome: {
  readonly judged: readonly Judged[];
  readonly choice: Choice;
  readonly headroom: number | null;
  readonly held: readonly HeldApp[];
}): ReleaseDecision["reason"] {
  const { judged, choice, headroom, held } = outcome;
  if (choice.chosen.length > 0) return choice.exact ? "exact" : "greedy";
  const pending = judged.filter(({ contender }) => contender.state.sync === "OutOfSync" && !contender.state.inFlight);
  if (pending.length === 0) return "no_pending_apps";
  const reasons = new Set(
    held.filter(({ name }) => pending.some(({ contender }) => contender.name === name)).map(({ reason }) => reason),
  );
  if (isAll(reasons, "frozen")) return "frozen";
  if (headroom === null) return "unknown_headroom";
  if (reasons.has("low_headroom")) return "low_headroom";
  if (isAll(reasons, "outside_allowed_window")) return "outside_allowed_window";
  const room = ["no_room_now", "over_rmax", "reserved_for_starving", "budget_spent"] as const;
  return room.some((reason) => reasons.has(reason)) ? "no_selection_under_Rmax" : "all_held";
}
