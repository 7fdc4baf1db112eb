import { type Aim, isMet, shortfallOf } from "./objectives.ts";
import { type Heard, keyOf, replicasOf, shapeKeyOf, shrinks, type State } from "./state.ts";
import { factorOf, ownValue, prototypeValue, type Question } from "./values.ts";
import type { Manner, Workload } from "./workload.ts";

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
      const values = state.heard === null ? valuesOf(state) : valuesAfter(state.heard, state, workload);
      const candidate = values && candidateOf(state, values, { key, workload, margin });
      known.set(key, candidate);
      return candidate;
    },
  };
}

/**
 * What becomes of what a foreign actuator has told: our models say by which
 * factor it changes, since they know nothing of what else the actuator has done.
 */
function valuesAfter({ shape, values }: Heard, state: State, workload: Workload): readonly number[] | null {
  if (shapeKeyOf(shape) === shapeKeyOf(state)) return values;
  const changed = workload.aims.map((aim, index) => {
    const ask = { aim, workload, measured: workload.measured[index] ?? NaN };
    const before = factorOf({ ...ask, state: { ...shape, heard: null } });
    const after = factorOf({ ...ask, state });
    const value = (values[index] ?? NaN) * ((after ?? NaN) / (before ?? NaN));
    return aim.type === "availability" ? Math.min(1, value) : value;
  });
  return changed.every((value) => Number.isFinite(value)) ? changed : null;
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
    const { removed, cpuMilli, cacheClass, powerProfile, guess } = state;
    // Pods that are removed serve until then, and those that are added do not yet.
    const shape = `${replicasOf(state, workload)}|${removed.length}|${cpuMilli}|${cacheClass}|${powerProfile}|${guess}`;
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
