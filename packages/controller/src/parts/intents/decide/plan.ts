import type { ActuatorsConfig } from "../config/actuators.ts";
import type { PlannerConfig } from "../config/planner.ts";
import type { Ask, Proposal } from "./actuators/ask.ts";
import { type Candidate, forecastFor } from "./forecast.ts";
import type { ForeignAnswers } from "./foreign/told.ts";
import { coolDownsOf, type Floor, type Limits, roomOf, stabilised } from "./limits.ts";
import { outlookOf, servingOf, worksOf } from "./outlook.ts";
import { type PlanProblem, problemOf } from "./problem.ts";
import { type Found, search, type Way } from "./search.ts";
import type { IntentSnapshot, Moment, Wish } from "./snapshot.ts";
import { shrinks, stateOf } from "./state.ts";
import type { Manner, Outlook, Workload } from "./workload.ts";

export interface PlanContext {
  readonly planner: PlannerConfig;
  readonly actuators: ActuatorsConfig;
  readonly manner: Manner;
  readonly nowMs: number;
  readonly freeMilli: ReadonlyMap<string, number>;
  readonly foreign?: ForeignAnswers | undefined;
  /** The time for planning is used up. */
  readonly isOver: () => boolean;
}

/** What was found for one workload. */
export interface Planned {
  readonly start: Candidate;
  readonly problem: PlanProblem;
  readonly found: Found<Candidate, Proposal>;
  /** The way that is taken; null: none. */
  readonly way: Way<Candidate, Proposal> | null;
  /** The way meets every objective. */
  readonly reaches: boolean;
  readonly wish: Wish | null;
  /** It is planned with an outlook. */
  readonly foreseen: boolean;
  /** What was measured, to be noted; null: no load is. */
  readonly moment: Moment | null;
  /** Why less is done now than could be; null: nothing waits. */
  readonly waits: string | null;
}

/**
 * The cheapest plan for a workload. What takes something away is bounded by the
 * most that was wished for within the stabilisation window, after Kubernetes'
 * horizontal autoscaler.
 */
export function planFor(measured: Workload, context: PlanContext): Planned | null {
  const room = roomOf(measured, context.freeMilli);
  const workload = { ...measured, outlook: outlookFor(measured, context, room.mostCpuMilli) };
  const limits: Limits = { ...coolDownsFor(workload, context), ...room, leastPods: 0, leastCpuMilli: 0 };
  const free = planWithin(workload, context, limits);
  if (free === null) return null;
  const wish = wishOf(free, workload, context.nowMs);
  const taken = stabilise({ workload, context, limits, free, wish });
  const moment = momentOf(taken, workload, context.nowMs);
  return { ...taken, wish, moment, foreseen: workload.outlook !== null };
}

/** The prototype plans for what it has measured. */
function outlookFor(workload: Workload, context: PlanContext, mostCpuMilli: number): Outlook | null {
  const { manner, nowMs, planner, actuators } = context;
  if (manner === "prototype") return null;
  return outlookOf(workload, {
    nowMs,
    settleMs: planner.controller.plan_cache_ttl,
    deviations: planner.planner.stability.deviations,
    mostCpuMilli: Math.min(actuators.scaleCPU.cpu_max, Math.floor(mostCpuMilli)),
  });
}

/** Cool-downs are for what a plan comes to, which the next one sees late. An outlook counts what has been done. */
function coolDownsFor({ intent, outlook }: Workload, { planner, nowMs }: PlanContext): ReturnType<typeof coolDownsOf> {
  return outlook === null ? coolDownsOf(intent, planner, nowMs) : { holdsGrowth: null, holdsShrinking: null };
}

interface Stabilising {
  readonly workload: Workload;
  readonly context: PlanContext;
  readonly limits: Limits;
  readonly free: Unwished;
  readonly wish: Wish;
}

type Unwished = Omit<Planned, "wish" | "moment" | "foreseen">;

/** With an outlook CPU needs no floor: what is taken is given back at once, where a replica takes its time. */
function floorsOf({ pods, cpuMilli }: Floor, workload: Workload): Pick<Limits, "leastPods" | "leastCpuMilli"> {
  return { leastPods: pods, leastCpuMilli: workload.outlook === null ? Math.min(workload.cpuMilli, cpuMilli) : 0 };
}

function stabilise({ workload, context, limits, free, wish }: Stabilising): Unwished {
  const { history } = workload.intent;
  if (history === null || free.way === null || !shrinks(free.way.end.state, workload)) return free;
  const { stabilisation: windowSeconds } = context.planner.planner.stability;
  const floor = stabilised(history, wish, { nowMs: context.nowMs, windowSeconds });
  const waits = typeof floor === "string" ? floor : null;
  const floors = typeof floor === "string" ? { holdsShrinking: floor } : floorsOf(floor, workload);
  const bounded = planWithin(workload, context, { ...limits, ...floors });
  return bounded === null ? free : { ...bounded, waits };
}

function planWithin(workload: Workload, context: PlanContext, limits: Limits): Unwished | null {
  const { planner, actuators, manner, foreign } = context;
  const { astar, stability } = planner.planner;
  // An outlook has a margin of its own, by what has happened.
  const hysteresis = workload.outlook === null ? stability.hysteresis : 0;
  const forecast = forecastFor({ workload, manner, hysteresis });
  const start = forecast.of(stateOf(workload));
  if (start === null) return null;
  const { max_candidates: mostCandidates } = astar;
  const ask: Ask = { workload, actuators, manner, limits, forecast, hysteresis, mostCandidates, foreign };
  const problem = problemOf(start, ask, astar.max_states);
  const found = search(problem, { maxStates: astar.max_states, isOver: context.isOver });
  const way = found.best ?? closest(found, start, astar.opportunistic_candidates);
  const waits = start.met || way !== null ? null : limits.holdsGrowth;
  return { start, problem, found, way, reaches: found.best !== null, waits };
}

/** Less than this part of what is missing is not worth a disturbance. */
const leastGain = 0.01;

/**
 * Where no plan reaches the objectives: the one that comes closest, of those
 * that something kept from going further and of the k closest states of all, as
 * the prototype's opportunistic planning has it.
 */
function closest(
  found: Found<Candidate, Proposal>,
  start: Candidate,
  opportunistic: number,
): Way<Candidate, Proposal> | null {
  const others = found.reached().filter(({ end }) => end.shortfall < start.shortfall * (1 - leastGain));
  const byShortfall = others.toSorted(
    (one, other) =>
      one.end.shortfall - other.end.shortfall || one.cost - other.cost || (one.end.key < other.end.key ? -1 : 1),
  );
  const taken = byShortfall.find(({ way }, index) => index < opportunistic || isBounded(way()));
  return taken?.way() ?? null;
}

function isBounded({ steps }: Way<Candidate, Proposal>): boolean {
  return steps.some(({ label }) => label.bounded !== null);
}

function wishOf({ way, start }: Unwished, workload: Workload, nowMs: number): Wish {
  const { replicas, state } = way?.end ?? start;
  return { atMs: nowMs, pods: replicas, cpuMilli: workload.cpuMilli === 0 ? null : state.cpuMilli };
}

function momentOf({ way, start }: Unwished, workload: Workload, nowMs: number): Moment | null {
  const { load, outlook } = workload;
  if (load === null) return null;
  const { removed, cpuMilli } = (way?.end ?? start).state;
  const planned = { load: outlook?.soon ?? load, serving: servingOf(workload) - removed.length, cpuMilli };
  return { atMs: nowMs, load, works: worksOf(workload), planned };
}

/** Whether an intent reaches for a workload of another namespace, which does not take it. */
export function isForeign({ name, target, granted = false }: IntentSnapshot): boolean {
  return !granted && name.split("/")[0] !== target.name.split("/")[0];
}
