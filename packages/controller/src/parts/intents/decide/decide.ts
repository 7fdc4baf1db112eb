import type { ActuatorsConfig } from "../config/actuators.ts";
import type { PlannerConfig } from "../config/planner.ts";
import { measuredAims } from "./aims.ts";
import type { IntentDecision } from "./decision.ts";
import { decisionOf, undecided } from "./explain.ts";
import { ForeignAnswers, type ForeignQuestion, type ForeignTable } from "./foreign/told.ts";
import { isForeign, planFor } from "./plan.ts";
import { Room } from "./room.ts";
import type { IntentSnapshot, PlanningSnapshot } from "./snapshot.ts";
import { type Manner, workloadOf } from "./workload.ts";

export interface DecideConfig {
  readonly planner: PlannerConfig;
  readonly actuators: ActuatorsConfig;
  readonly manner: Manner;
}

/**
 * Plans for all intents. They share the CPU that is free on nodes: the highest
 * priority is planned first, and what it takes the others do not have. What is
 * given up counts as free only when it is. Of several intents for one workload
 * the first decides.
 *
 * @param monotonicMs asked for the time budget
 */
export function decideIntents(
  config: DecideConfig,
  snapshot: PlanningSnapshot,
  monotonicMs: () => number,
): IntentDecision[] {
  return decideAll({ config, snapshot, monotonicMs });
}

/** Decisions, and what would have been asked on the way to them. */
export interface Known {
  readonly decisions: readonly IntentDecision[];
  /** Questions that the table has no answer to; empty where nothing was missing. */
  readonly wanted: readonly ForeignQuestion[];
}

/** The same with what foreign actuators have said so far. */
export function decideKnowing(
  config: DecideConfig,
  snapshot: PlanningSnapshot,
  monotonicMs: () => number,
  table: ForeignTable,
): Known {
  const foreign = new ForeignAnswers(table);
  const decisions = decideAll({ config, snapshot, monotonicMs, foreign });
  return { decisions, wanted: foreign.wanted };
}

function decideAll(given: Omit<Deciding, "room">): IntentDecision[] {
  const { snapshot } = given;
  const room = new Room(snapshot.freeMilli);
  const owners = new Map<string, string>();
  return snapshot.intents.toSorted(byPriority).map((intent) => {
    const target = `${intent.target.kind} ${intent.target.name}`;
    const owner = owners.get(target);
    if (owner !== undefined) return undecided(intent, snapshot, { verdict: "Conflict", reason: `${owner} goes first` });
    if (!isForeign(intent)) owners.set(target, intent.name);
    return decideOne(intent, { ...given, room });
  });
}

function byPriority(one: IntentSnapshot, other: IntentSnapshot): number {
  return other.priority - one.priority || (one.name < other.name ? -1 : 1);
}

interface Deciding {
  readonly config: DecideConfig;
  readonly snapshot: PlanningSnapshot;
  readonly room: Room;
  readonly monotonicMs: () => number;
  readonly foreign?: ForeignAnswers;
}

function decideOne(intent: IntentSnapshot, { config, snapshot, room, monotonicMs, foreign }: Deciding): IntentDecision {
  if (isForeign(intent)) {
    const reason = `the target ${intent.target.name} is in another namespace`;
    return undecided(intent, snapshot, { verdict: "Refused", reason });
  }
  const measured = measuredAims(intent, snapshot.profiles);
  if (!measured.known) return undecided(intent, snapshot, { verdict: "Unknown", reason: measured.why });
  const workload = workloadOf(intent, measured.values, config);
  const { time_budget: budgetMs } = config.planner.planner.astar;
  const startedMs = monotonicMs();
  const isOver = (): boolean => budgetMs > 0 && monotonicMs() - startedMs >= budgetMs;
  const { nowMs } = snapshot;
  const planned = planFor(workload, { ...config, nowMs, freeMilli: room.freeMilli, isOver, foreign });
  if (planned === null)
    return undecided(intent, snapshot, { verdict: "Unknown", reason: "nothing is known of it now" });
  if (intent.active && planned.way !== null) room.take(workload, planned.way.end);
  return decisionOf(workload, planned);
}
