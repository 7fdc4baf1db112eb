import type { MarketPolicy } from "../decide/policy.ts";

/** How small a change is too small. */
export type Deadbands = Pick<MarketPolicy, "leastStepMilli" | "raiseDeadband" | "cutDeadband" | "rationDeadband"> & {
  readonly granuleMilli: number;
};

/** A change of one amount, under consideration. */
export interface Step {
  readonly current: number;
  readonly target: number;
  /** An owner's bound binds, not need: small differences count, and at once. */
  readonly bound: boolean;
  /** A ration, which moves with what others use: at once too, but not with each breath of theirs. */
  readonly rationed: boolean;
  /** A raise that cannot wait. */
  readonly urgent: boolean;
  /** The last cut is long enough ago. */
  readonly rested: boolean;
}

/** Whether a change is worth a write. */
export function isWorth({ current, target, bound, rationed, urgent, rested }: Step, bands: Deadbands): boolean {
  const rises = target > current;
  const least = bound || (rises && urgent) ? bands.granuleMilli : bands.leastStepMilli;
  if (!rises && !bound && !rationed && !rested) return false;
  return Math.abs(target - current) >= Math.max(least, current * deadbandOf({ rises, bound, rationed }, bands));
}

function deadbandOf(
  { rises, bound, rationed }: Pick<Step, "bound" | "rationed"> & { readonly rises: boolean },
  { raiseDeadband, cutDeadband, rationDeadband }: Deadbands,
): number {
  if (rationed) return rationDeadband;
  return rises || bound ? raiseDeadband : cutDeadband;
}
