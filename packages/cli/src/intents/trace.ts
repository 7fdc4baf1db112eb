import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import {
  type Action,
  actuatorsIn,
  decideIntents,
  type DecideConfig,
  type Effect,
  type IntentDecision,
  type IntentSnapshot,
  modelsOf,
  plannerFrom,
  type PlanningSnapshot,
  readEffects,
  readJson,
} from "@walras/controller/intents";
import { errorAt, systemClock } from "@walras/kit";

import { type Event, noAnswer, profileOf, readEvents } from "./events.ts";
import { podsOf } from "./state.ts";

/** One event of a recording, with the plan that is made for it now. */
export interface Replayed {
  readonly event: number;
  readonly decision: IntentDecision;
  /** The plan that was recorded, pod names aside. */
  readonly recorded: readonly Action[];
  readonly same: boolean;
}

export interface Replay {
  readonly trace: string;
  readonly events: readonly Replayed[];
  readonly warnings: readonly string[];
}

/**
 * Plans anew, by the prototype's rules, for each event that it has recorded.
 *
 * @param folder with events.json and effects.json, or a folder of such folders; the configurations lie in it or above
 * @throws FieldError naming file, field and value
 */
export function replayTraces(folder: string, configFile?: string): Replay[] {
  const isTrace = (path: string): boolean => existsSync(join(path, "events.json"));
  if (isTrace(folder)) return [replay(folder, configFile)];
  const inside = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const traces = inside.map((name) => join(folder, name)).filter(isTrace);
  if (traces.length === 0) throw errorAt("--trace", folder, "holds no events.json, nor does a folder in it");
  return traces.map((trace) => replay(trace, configFile));
}

function replay(folder: string, configFile?: string): Replay {
  const above = [folder, dirname(folder)].find((path) => existsSync(join(path, "defaults.json")));
  const planner = plannerFrom(
    configFile ?? (above === undefined ? undefined : join(above, "defaults.json")),
    "--config",
  );
  const actuators = actuatorsIn(above ?? folder, "--trace");
  const events = readEvents(folder);
  const effects = readEffects(readJson(join(folder, "effects.json"), "--trace"), "effects.json");
  const config: DecideConfig = { planner: planner.config, actuators: actuators.config, manner: "prototype" };
  return {
    trace: basename(folder),
    warnings: [...planner.warnings, ...actuators.warnings],
    events: events.map((event, index) => replayed(event, { index, config, effects: effectsAt(effects, index) })),
  };
}

/**
 * The recording tells of each model once for every event in which it changes;
 * with the last one told the rest is planned.
 */
function effectsAt(effects: readonly Effect[], index: number): Effect[] {
  const versions = Map.groupBy(effects, ({ name, group, profileName }) => `${name} ${group} ${profileName}`);
  return [...versions.values()].flatMap((all) => all[Math.min(index, all.length - 1)] ?? []);
}

function replayed(
  event: Event,
  { index, config, effects }: { readonly index: number; readonly config: DecideConfig; readonly effects: Effect[] },
): Replayed {
  const [decision] = decideIntents(config, snapshotOf(event, effects), () => systemClock.monotonicMs());
  if (decision === undefined) throw new Error(`event ${index} has no decision`);
  const recorded = event.plan ?? [];
  const made = index === 0 ? withoutPlan(decision) : decision;
  return { event: index, decision: made, recorded, same: isSame(made.plan, recorded) };
}

/** The prototype plans from its second tick on; the first event of a recording tells what it found. */
function withoutPlan(decision: IntentDecision): IntentDecision {
  if (decision.plan.length === 0) return decision;
  const reason = "the first event of a recording is not planned for";
  const rejected = [...decision.plan.map((one) => ({ ...one, reason })), ...decision.rejected];
  return { ...decision, verdict: "Held", reason, plan: [], cost: 0, rejected, execute: false };
}

/** Pods are interchangeable, so that their names are not compared. */
function isSame(one: readonly Action[], other: readonly Action[]): boolean {
  const told = (plan: readonly Action[]): string =>
    JSON.stringify(plan.map(({ name, properties }) => (name === "rmPod" ? { name } : { name, properties })));
  return told(one) === told(other);
}

function snapshotOf(event: Event, effects: readonly Effect[]): PlanningSnapshot {
  const profiles = Object.keys(event.desired_objectives).map((name) => [name, profileOf(name)] as const);
  return {
    nowMs: 0,
    profiles: new Map(profiles),
    intents: [intentOf(event, effects)],
    freeMilli: new Map(),
  };
}

function intentOf(event: Event, effects: readonly Effect[]): IntentSnapshot {
  const { name, current_objectives: current, desired_objectives: desired } = event;
  return {
    name,
    target: { kind: "Deployment", name },
    priority: 1,
    active: true,
    objectives: Object.entries(desired).map(([profile, target]) => ({ profile, target, tolerance: 0 })),
    measured: new Map(
      Object.entries(current).map(([profile, value]) => [
        profile,
        value === noAnswer ? { kind: "missing" } : { kind: "value", value },
      ]),
    ),
    pods: podsOf(event.pods),
    resources: new Map(Object.entries(event.resources)),
    annotations: new Map(Object.entries(event.annotations)),
    data: new Map(Object.entries(event.data).map(([metric, hosts]) => [metric, new Map(Object.entries(hosts))])),
    models: modelsOf(effects, { intent: name, since: null, file: "effects.json" }),
    history: null,
  };
}
