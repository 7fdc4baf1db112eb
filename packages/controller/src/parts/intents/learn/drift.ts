import type { Models } from "../models/effects.ts";
import type { Observation } from "../models/learn.ts";
import type { Subject } from "./subjects.ts";

/** What new moments say of a model: nothing yet, that it holds, or that it is to be learnt anew. */
export type Verdict = "nothing new" | "holds" | "drifted";

/** Fewer new moments say nothing. */
const leastFresh = 5;
/** As many of the kept deviation, root of the mean square, are more than chance. */
const mostDeviations = 2;
/** A model that was fitted to noiseless rows is not off for less than this part of what was seen. */
const leastError = 0.05;

/**
 * The drift gate: a model is learnt anew only when it is wrong of what came
 * since by more than it was when it was learnt, or when what came is beyond what it has seen.
 *
 * @param fresh moments since the model was learnt
 */
export function verdictOn(
  fresh: readonly Observation[],
  model: {
    readonly subject: Subject;
    readonly models: Models;
    readonly profile: string;
    /** Standard deviation that was kept with it. */
    readonly deviation: number;
  },
): Verdict {
  const { subject, models, profile, deviation } = model;
  const rows = fresh.filter((row) => subject.concerns(row));
  if (rows.length < leastFresh) return "nothing new";
  const errors = rows.flatMap((row) => {
    const expected = subject.predict(models, profile, row);
    return expected === null ? [] : [expected - row.latency];
  });
  if (rows.length - errors.length >= leastFresh) return "drifted";
  if (errors.length === 0) return "nothing new";
  const allowed = Math.max(mostDeviations * deviation, leastError * meanOf(rows.map(({ latency }) => latency)));
  return Math.sqrt(meanOf(errors.map((error) => error ** 2))) > allowed ? "drifted" : "holds";
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
