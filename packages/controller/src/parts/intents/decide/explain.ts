import type { Proposal } from "./actuators/ask.ts";
import type { IntentDecision, ObjectiveOutlook, PlanVerdict, Rejection } from "./decision.ts";
import type { Candidate } from "./forecast.ts";
import { isMet } from "./objectives.ts";
import type { Planned } from "./plan.ts";
import type { Way } from "./search.ts";
import type { Action, IntentSnapshot, PlanningSnapshot } from "./snapshot.ts";
import type { Workload } from "./workload.ts";

/** A decision for an intent that is not planned for. */
export function undecided(
  intent: IntentSnapshot,
  { profiles }: PlanningSnapshot,
  { verdict, reason }: { readonly verdict: PlanVerdict; readonly reason: string },
): IntentDecision {
  const outlook = intent.objectives.map((objective): ObjectiveOutlook => {
    const { profile, target } = objective;
    const measured = intent.measured.get(profile);
    const known = profiles.get(profile);
    const value = measured?.kind === "value" ? measured.value : null;
    const met = value === null || known === undefined ? null : isMet({ ...objective, ...known }, value);
    return { profile, target, value, expected: null, met };
  });
  return {
    intent: intent.name,
    target: intent.target.name,
    verdict,
    reason,
    plan: [],
    cost: 0,
    rejected: [],
    objectives: outlook,
    execute: false,
    foreseen: false,
    wish: null,
    moment: null,
    states: 0,
    cutShort: null,
  };
}

/** The plan in words and numbers. */
export function decisionOf(workload: Workload, planned: Planned): IntentDecision {
  const { start, found, way, wish, moment } = planned;
  const { intent } = workload;
  const plan = way?.steps.map(({ label }) => label.action) ?? [];
  return {
    intent: intent.name,
    target: intent.target.name,
    ...verdictOf(planned, plan.length, workload),
    plan,
    cost: plan.length === 0 || way === null ? 0 : costOf(planned, way),
    rejected: rejectionsOf(planned, workload),
    objectives: workload.aims.map(({ profile, target }, index) => ({
      profile,
      target,
      value: workload.measured[index] ?? null,
      expected: (way?.end ?? start).values[index] ?? null,
      met: isMetNow(workload, index),
    })),
    execute: plan.length > 0 && intent.active,
    foreseen: planned.foreseen,
    wish,
    moment,
    states: found.stateCount,
    cutShort: found.cutShort,
  };
}

function isMetNow({ aims, measured }: Workload, index: number): boolean | null {
  const aim = aims[index];
  return aim === undefined ? null : isMet(aim, measured[index] ?? NaN);
}

/** Doing nothing costs what the workload takes, also where it does not fulfil its objectives. */
function costOf({ problem, start, reaches }: Planned, way: Way<Candidate, Proposal>): number {
  const nothing = problem.rentOf(start);
  return rounded(reaches ? way.cost - nothing : way.cost + problem.rentOf(way.end) - nothing);
}

function verdictOf(
  { start, way, reaches, waits }: Planned,
  length: number,
  workload: Workload,
): { readonly verdict: PlanVerdict; readonly reason: string } {
  if (length > 0 && reaches) return { verdict: "Planned", reason: why(workload, start) };
  if (length > 0) return { verdict: "Bounded", reason: boundOf(way) };
  if (waits !== null) return { verdict: "Held", reason: waits };
  const missed = missing(workload, workload.measured);
  if (start.met && missed === "") return { verdict: "Fulfilled", reason: "every objective is met" };
  if (start.met) return { verdict: "Held", reason: `what there is will bring ${missed}` };
  return { verdict: "Unreachable", reason: `nothing that may be done brings ${missing(workload, start.values)}` };
}

function why(workload: Workload, start: Candidate): string {
  return start.met ? "the objectives are met with less" : `to bring ${missing(workload, start.values)}`;
}

function missing({ aims }: Workload, values: readonly number[]): string {
  const missed = aims.flatMap((aim, index) => {
    const value = values[index] ?? NaN;
    return isMet(aim, value) ? [] : [`${aim.profile} from ${rounded(value)} to ${aim.target}`];
  });
  return missed.join(", ");
}

function boundOf(way: Way<Candidate, Proposal> | null): string {
  const reasons = way?.steps.flatMap(({ label }) => label.bounded ?? []) ?? [];
  return reasons.length > 0 ? reasons.join("; ") : "no plan reaches the objectives; this one comes closest";
}

/** What actuators would not do, and what could be done at once but is not the plan. */
function rejectionsOf(planned: Planned, workload: Workload): Rejection[] {
  const { problem, start, way } = planned;
  const first = way?.steps[0]?.label.action;
  const refusals = problem.refusals().map(({ action, reason }) => ({ ...action, reason }));
  const others = problem
    .stepsFrom(start)
    .filter(({ label }) => !isSame(label.action, first))
    .map((step) => ({ ...step.label.action, reason: whyNot(step.to, { workload, planned, cost: step.cost }) }));
  return [...others, ...refusals];
}

function isSame(one: Action, other: Action | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function whyNot(
  to: Candidate,
  { workload, planned, cost }: { readonly workload: Workload; readonly planned: Planned; readonly cost: number },
): string {
  const { problem, start } = planned;
  const stay = problem.endCost(to);
  if (stay !== null) return `costs ${rounded(cost + stay - problem.rentOf(start))}, more than the plan`;
  const left = missing(workload, to.values);
  return left === "" ? "leaves no margin" : `leaves ${left}`;
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
