import { cpuLatency, parametersFor } from "../models/cpu.ts";
import type { OptionModel } from "../models/options.ts";
import { predictReplicas } from "../models/replicas.ts";
import { type Aim, isMet, shortfallOf } from "./objectives.ts";
import { keyOf, replicasOf, shrinks, type State } from "./state.ts";
import { availabilityOf, type Manner, type Workload } from "./workload.ts";

/** A state with what is expected of it. */
export interface Candidate {
  readonly state: State;
  readonly key: string;
  readonly replicas: number;
  /** One for each aim. */
  readonly values: readonly number[];
  /** Every objective is met, by a plan that takes something away with a margin. */
  readonly met: boolean;
  readonly shortfall: number;
}

export interface Forecast {
  /** null: what it would come to is not known, and nobody goes there. */
  of(state: State): Candidate | null;
}

export interface ForecastOptions {
  readonly workload: Workload;
  readonly manner: Manner;
  /** The part of a target by which a plan that takes something away stays below it. */
  readonly hysteresis: number;
}

/** What a model says of one thing that a state changes. */
interface Change {
  /** null: not known, or nothing to compare with. */
  readonly now: number | null;
  readonly next: number | null;
  readonly deviation: number;
  /** Somebody's word, which is believed before what is measured. */
  readonly pinned: boolean;
}

/**
 * What the models say of a workload's states. A state's values follow from
 * what it is, not from the way to it.
 */
export function forecastFor({ workload, manner, hysteresis }: ForecastOptions): Forecast {
  const value = manner === "prototype" ? prototypeValue : ownValue;
  const margin = manner === "prototype" ? 0 : hysteresis;
  const known = new Map<string, Candidate | null>();
  const valuesOf = remembering(workload, value);
  return {
    of: (state) => {
      const key = keyOf(state);
      const before = known.get(key);
      if (before !== undefined) return before;
      const values = valuesOf(state);
      const candidate = values && candidateOf(state, values, { key, workload, margin });
      known.set(key, candidate);
      return candidate;
    },
  };
}

/** Remembers what models have said: states differ in their pods more often than in the number of these. */
function remembering(
  workload: Workload,
  value: (question: Question) => number | null,
): (state: State) => readonly number[] | null {
  const known = new Map<string, readonly number[] | null>();
  const ask = (state: State): readonly number[] | null => {
    const values: number[] = [];
    for (const [index, aim] of workload.aims.entries()) {
      const expected = value({ aim, state, workload, measured: workload.measured[index] ?? NaN });
      if (expected === null) return null;
      values.push(expected);
    }
    return values;
  };
  if (workload.aims.some(({ type }) => type === "availability")) return ask;
  return (state) => {
    const { cpuMilli, cacheClass, powerProfile, guess } = state;
    const shape = `${replicasOf(state, workload)}|${cpuMilli}|${cacheClass}|${powerProfile}|${guess}`;
    const before = known.get(shape);
    if (before !== undefined) return before;
    const values = ask(state);
    known.set(shape, values);
    return values;
  };
}

function candidateOf(
  state: State,
  values: readonly number[],
  { key, workload, margin }: { readonly key: string; readonly workload: Workload; readonly margin: number },
): Candidate {
  const { aims } = workload;
  const careful = margin > 0 && shrinks(state, workload);
  return {
    state,
    key,
    replicas: replicasOf(state, workload),
    values,
    met: values.every((one, index) => isReached(aims[index], one, careful ? margin : null)),
    shortfall: shortfallOf(aims, values),
  };
}

/** With a margin the tolerance does not count: it is there for what happens, not for what is intended. */
function isReached(aim: Aim | undefined, value: number, margin: number | null): boolean {
  if (aim === undefined) return false;
  const forecast = aim.type === "latency" || aim.type === "power";
  if (margin === null || !forecast || !aim.minimize) return isMet(aim, value);
  return value <= aim.target - Math.abs(aim.target) * margin;
}

interface Question {
  readonly aim: Aim;
  readonly state: State;
  readonly workload: Workload;
  readonly measured: number;
}

function ownValue(question: Question): number | null {
  const { aim, state, workload, measured } = question;
  if (aim.type === "throughput") return measured;
  if (aim.type === "availability") return availability(question);
  if (aim.type === "power") return power(question);
  if (state.guess !== 1) return measured * state.guess;
  const changes = changesOf(question);
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

/** Replicas first: of the models of latency theirs alone knows the load. */
function changesOf({ aim, state, workload }: Question): Change[] {
  const { intent } = workload;
  const { cacheClass, power: byPower } = intent.models;
  const changes: Change[] = [];
  if (state.added > 0 || state.removed.length > 0) changes.push(ofReplicas({ aim, state, workload }));
  if (state.cpuMilli !== workload.cpuMilli) changes.push(ofCpu({ aim, state, workload }));
  if (state.cacheClass !== workload.cacheClass)
    changes.push(ofOption(cacheClass.get(aim.profile), workload.cacheClass, state.cacheClass));
  if (state.powerProfile !== workload.powerProfile)
    changes.push(ofOption(byPower.get(aim.profile), workload.powerProfile, state.powerProfile));
  return changes;
}

type Changed = Omit<Question, "measured">;

const unknown: Change = { now: null, next: null, deviation: 0, pinned: false };

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

/** The model of what changed last says it all, as in the prototype; there CPU and replicas know nothing of each other. */
function prototypeValue(question: Question): number | null {
  const { aim, measured } = question;
  if (aim.type !== "latency") return ownValue(question);
  if (question.state.guess !== 1) return measured * question.state.guess;
  const [first] = changesOf(question);
  return first === undefined ? measured : first.next;
}
