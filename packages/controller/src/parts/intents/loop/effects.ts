import { isMet } from "../decide/objectives.ts";
import type { Measurement, Objective, Profile } from "../decide/snapshot.ts";

/** A KPI's value. */
interface KpiValue {
  readonly profile: string;
  readonly value: number;
}

/** What a plan that was carried out is to come to. */
export interface Expectation {
  readonly atMs: number;
  /** It took something away. */
  readonly shrinks: boolean;
  /** Of KPIs that a plan changes: what load there is, it does not. */
  readonly predicted: readonly KpiValue[];
}

/**
 * What came of a plan.
 *
 * - AsPredicted: as good as was predicted, or better, within a fifth.
 * - WorseThanPredicted: worse than that.
 * - TookTooMuch: it took something away, and an objective is missed that was to be met.
 * - NotSeen: nothing could be measured for too long.
 */
export interface Effect {
  readonly verdict: "AsPredicted" | "WorseThanPredicted" | "TookTooMuch" | "NotSeen";
  readonly seen: readonly KpiValue[];
}

/** A model that is this far off is still of use. */
const tolerated = 0.2;

/** After so many times the settling time nothing is waited for any more. */
const mostSettlings = 5;

export interface Sighting {
  readonly objectives: readonly Objective[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly measured: ReadonlyMap<string, Measurement>;
  readonly nowMs: number;
  /** What was changed has its effect after this. */
  readonly settleMs: number;
}

/** @returns null: it is too early to say */
export function effectOf(expected: Expectation, sighting: Sighting): Effect | null {
  const ageMs = sighting.nowMs - expected.atMs;
  if (ageMs < sighting.settleMs) return null;
  const seen = expected.predicted.flatMap(({ profile }): KpiValue[] => {
    const measured = sighting.measured.get(profile);
    return measured?.kind === "value" ? [{ profile, value: measured.value }] : [];
  });
  if (seen.length < expected.predicted.length)
    return ageMs < mostSettlings * sighting.settleMs ? null : { verdict: "NotSeen", seen };
  if (expected.shrinks && missesWhatWasPromised(expected, seen, sighting)) return { verdict: "TookTooMuch", seen };
  const worse = seen.some(({ profile, value }) => isWorse(value, predictedOf(expected, profile), sighting, profile));
  return { verdict: worse ? "WorseThanPredicted" : "AsPredicted", seen };
}

function missesWhatWasPromised(
  expected: Expectation,
  seen: readonly KpiValue[],
  { objectives, profiles }: Sighting,
): boolean {
  return seen.some(({ profile, value }) => {
    const objective = objectives.find((one) => one.profile === profile);
    const kind = profiles.get(profile);
    if (objective === undefined || kind === undefined) return false;
    const aim = { ...objective, ...kind };
    return isMet(aim, predictedOf(expected, profile)) && !isMet(aim, value);
  });
}

function isWorse(value: number, predicted: number, { profiles }: Sighting, profile: string): boolean {
  const minimize = profiles.get(profile)?.minimize ?? true;
  const off = (minimize ? value - predicted : predicted - value) / (Math.abs(predicted) || 1);
  return off > tolerated;
}

function predictedOf({ predicted }: Expectation, profile: string): number {
  return predicted.find((one) => one.profile === profile)?.value ?? NaN;
}
