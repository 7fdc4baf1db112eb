import type { MarketPolicy } from "../decide/policy.ts";

/** How small a change is too small. */
export type Deadbands = Pick<MarketPolicy, "leastStepMilli" | "raiseDeadband" | "cutDeadband"> & {
  readonly granuleMilli: number;
};

/** A change of one amount, under consideration. */
export interface Step {
  readonly current: number;
  readonly target: number;
  /** A bound binds, not need: small differences count, and at once. */
  readonly scarce: boolean;
  /** A raise that cannot wait. */
  readonly urgent: boolean;
  /** The last cut is long enough ago. */
  readonly rested: boolean;
}

/** Whether a change is worth a write. */
export function isWorth({ current, target, scarce, urgent, rested }: Step, bands: Deadbands): boolean {
  const { granuleMilli, leastStepMilli, raiseDeadband, cutDeadband } = bands;
  const rises = target > current;
  const least = scarce || (rises && urgent) ? granuleMilli : leastStepMilli;
  const deadband = rises || scarce ? raiseDeadband : cutDeadband;
  return (rises || scarce || rested) && Math.abs(target - current) >= Math.max(least, current * deadband);
}
