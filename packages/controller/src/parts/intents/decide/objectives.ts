import type { Measurement, Objective, Profile } from "./snapshot.ts";

/** An objective with the profile that it is measured by. */
export interface Aim extends Objective, Profile {}

/** Beyond this multiple of its target an objective is missed as badly as can be. */
const mostMissed = 10;

/** What the value may come to: a tolerance of 0.1 with a target of 10 ms allows 11 ms. */
function limitOf({ target, tolerance, minimize }: Aim): number {
  return minimize ? target + Math.abs(target) * tolerance : target - Math.abs(target) * tolerance;
}

/** Whether a value fulfils the objective. */
export function isMet(aim: Aim, value: number): boolean {
  return aim.minimize ? value <= limitOf(aim) : value >= limitOf(aim);
}

/**
 * How far a value is from its target as a fraction of it, so that milliseconds
 * and availabilities weigh the same; 0 where it is met, at most 10.
 */
function missedBy(aim: Aim, value: number): number {
  if (isMet(aim, value)) return 0;
  const scale = Math.abs(aim.target) || 1;
  return Math.min(mostMissed, Math.abs(value - limitOf(aim)) / scale);
}

/** Over all objectives. */
export function shortfallOf(aims: readonly Aim[], values: readonly number[]): number {
  return aims.reduce((sum, aim, index) => sum + missedBy(aim, values[index] ?? NaN), 0);
}

/** No KPI is below zero; the prototype writes −1 where nothing was measured. */
function isValue(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

/** Why a measurement cannot be decided from; null: it can. */
export function whyUnknown(profile: string, measured: Measurement | undefined): string | null {
  if (measured?.kind === "value" && isValue(measured.value)) return null;
  if (measured?.kind === "value") return `${profile} is missing: ${measured.value} is no value of a KPI`;
  if (measured?.kind === "stale")
    return `${profile} is stale: ${measured.value} was measured ${measured.ageSeconds} s ago`;
  return `${profile} is missing`;
}
