import { cpuLatency, parametersFor } from "../models/cpu.ts";
import { knowsLoad, type LoadModel, predictLoad } from "../models/load.ts";
import type { OptionModel } from "../models/options.ts";
import { predictReplicas } from "../models/replicas.ts";
import { foreseen } from "./foreseen.ts";
import { type Aim, isMet } from "./objectives.ts";
import { replicasOf, shrinks, type State, stateOf } from "./state.ts";
import { availabilityOf, type Workload } from "./workload.ts";

/** What a model says of one thing that a state changes. */
interface Change {
  /** null: not known, or nothing to compare with. */
  readonly now: number | null;
  readonly next: number | null;
  readonly deviation: number;
  /** Somebody's word, which is believed before what is measured. */
  readonly pinned: boolean;
}

/** What one objective comes to in one state. */
export interface Question {
  readonly aim: Aim;
  readonly state: State;
  readonly workload: Workload;
  readonly measured: number;
}

/** By our rules, in the KPI's unit; null: not known. */
export function ownValue(question: Question): number | null {
  const { aim, state, workload, measured } = question;
  if (aim.type === "throughput") return measured;
  if (aim.type === "availability") return availability(question);
  if (aim.type === "power") return power(question);
  if (state.guess !== 1) return measured * state.guess;
  const changes = ownChangesOf(question);
  const [first, ...others] = changes;
  if (first === undefined) return measured;
  const expected = others.reduce<number | null>((sum, change) => times(sum, ratioOf(change)), first.next);
  if (expected === null || !shrinks(state, workload)) return expected;
  // The model may be off from what is measured: what takes something away believes the worse of the two.
  const byMeasured = changes.every(({ pinned }) => pinned)
    ? null
    : changes.reduce<number | null>((sum, change) => times(sum, ratioOf(change)), measured);
  const spread = changes.reduce((sum, { deviation }) => sum + deviation, 0);
  return Math.max(expected, byMeasured ?? expected) + spread;
}

/** By which factor a value changes from what is measured, by our models; null: not known. */
export function factorOf(question: Question): number | null {
  const { aim, state, measured } = question;
  if (aim.type === "throughput") return 1;
  if (aim.type === "availability") return measured === 0 ? null : availability(question) / measured;
  if (aim.type === "power") return measured === 0 ? null : times(power(question), 1 / measured);
  if (state.guess !== 1) return state.guess;
  return ownChangesOf(question).reduce<number | null>((product, change) => times(product, ratioOf(change)), 1);
}

/** One model of replicas and CPU together where it knows the load; else as the prototype has it. */
function ownChangesOf(question: Question): Change[] {
  const model = question.workload.intent.models.load.get(question.aim.profile);
  if (!knowsLoad(model, question.workload.load)) return changesOf(question);
  const isResized = hasOtherReplicas(question.state) || question.state.cpuMilli !== question.workload.cpuMilli;
  if (question.workload.outlook !== null) return [ofOutlook(model, question), ...changesOfOptions(question)];
  return [...(isResized ? [ofLoad(model, question)] : []), ...changesOfOptions(question)];
}

/** Replicas first: of the prototype's models of latency theirs alone knows the load. */
function changesOf(question: Question): Change[] {
  const { state, workload } = question;
  const changes: Change[] = [];
  if (hasOtherReplicas(state)) changes.push(ofReplicas(question));
  if (state.cpuMilli !== workload.cpuMilli) changes.push(ofCpu(question));
  return [...changes, ...changesOfOptions(question)];
}

function hasOtherReplicas({ added, removed }: State): boolean {
  return added > 0 || removed.length > 0;
}

function changesOfOptions({ aim, state, workload }: Question): Change[] {
  const { cacheClass, power: byPower } = workload.intent.models;
  const changes: Change[] = [];
  if (state.cacheClass !== workload.cacheClass)
    changes.push(ofOption(cacheClass.get(aim.profile), workload.cacheClass, state.cacheClass));
  if (state.powerProfile !== workload.powerProfile)
    changes.push(ofOption(byPower.get(aim.profile), workload.powerProfile, state.powerProfile));
  return changes;
}

type Changed = Omit<Question, "measured">;

const unknown: Change = { now: null, next: null, deviation: 0, pinned: false };

/** What would be busier than anything that was seen, now included, is known only to be too slow. */
function ofLoad(model: LoadModel, { aim, state, workload }: Changed): Change {
  const load = workload.load ?? 0;
  const at = (replicas: number, cpuMilli: number): ReturnType<typeof predictLoad> =>
    predictLoad(model, { load, replicas, cores: cpuMilli / 1000 });
  const now = at(workload.pods.length, workload.cpuMilli);
  const next = at(replicasOf(state, workload), state.cpuMilli);
  const mostBusy = Math.max(model.mostBusy, now?.busy ?? 0);
  const isTold = next !== null && (next.busy <= mostBusy || !isMet(aim, next.latency));
  return {
    now: now?.latency ?? null,
    next: isTold ? next.latency : null,
    deviation: isTold ? next.latency * model.relativeDeviation : 0,
    pinned: model.pinned,
  };
}

/** How far the model is off is in the outlook, so that it is believed before the last measurement. */
function ofOutlook(model: LoadModel, { aim, state, workload }: Changed): Change {
  const now = foreseen(model, { aim, workload, state: stateOf(workload) });
  const next = foreseen(model, { aim, workload, state });
  return { now, next, deviation: 0, pinned: true };
}

function ofReplicas({ aim, state, workload }: Changed): Change {
  const model = workload.intent.models.replicas.get(aim.profile);
  if (model === undefined || workload.load === null) return unknown;
  return {
    now: predictReplicas(model, workload.load, workload.pods.length),
    next: predictReplicas(model, workload.load, replicasOf(state, workload)),
    deviation: model.deviation,
    pinned: model.pinned,
  };
}

function ofCpu({ aim, state, workload }: Changed): Change {
  const model = workload.intent.models.cpu.get(aim.profile);
  const parameters = model && parametersFor(model, aim.target);
  if (model === undefined || !parameters) return unknown;
  return {
    now: workload.cpuMilli === 0 ? null : cpuLatency(parameters, workload.cpuMilli / 1000),
    next: cpuLatency(parameters, state.cpuMilli / 1000),
    deviation: model.deviation,
    pinned: model.pinned,
  };
}

function ofOption(model: OptionModel | undefined, now: string, next: string): Change {
  return { now: model?.get(now) ?? null, next: model?.get(next) ?? null, deviation: 0, pinned: false };
}

function ratioOf({ now, next }: Change): number | null {
  return now === null || next === null || now === 0 ? null : next / now;
}

function times(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one * other;
}

function availability({ state, workload, measured }: Question): number {
  if (state.added === 0 && state.removed.length === 0) return measured;
  const kept = workload.pods.filter((_, place) => !state.removed.includes(place)).map((pod) => pod.availability);
  const mean = kept.reduce((sum, one) => sum + one, 0) / kept.length;
  return availabilityOf([...kept, ...Array.from<number>({ length: state.added }).fill(mean)]);
}

/** Each replica is taken to draw what the others draw. */
function power({ aim, state, workload, measured }: Question): number | null {
  const perReplica = measured * (replicasOf(state, workload) / workload.pods.length);
  if (state.powerProfile === workload.powerProfile) return perReplica;
  const model = workload.intent.models.power.get(aim.profile);
  return times(perReplica, ratioOf(ofOption(model, workload.powerProfile, state.powerProfile)));
}

/**
 * By the prototype's: one model says it all, that of replicas where their
 * number changes. There CPU and replicas know nothing of each other.
 */
export function prototypeValue(question: Question): number | null {
  const { aim, measured } = question;
  if (aim.type !== "latency") return ownValue(question);
  if (question.state.guess !== 1) return measured * question.state.guess;
  const [first] = changesOf(question);
  return first === undefined ? measured : first.next;
}
