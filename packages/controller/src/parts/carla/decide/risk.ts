import type { AppPolicy, RiskPolicy } from "../config/policy.ts";
import { type Change, type Track, unknownKind } from "./snapshot.ts";

/** Risk and what it is made of. */
export interface EffectiveRisk {
  readonly total: number;
  readonly parts: {
    readonly configured: number;
    readonly diff: number;
    readonly kinds: number;
    readonly failures: number;
  };
}

const hourMs = 3_600_000;

/**
 * The configured risk and what is known of the change: its size, the kinds it
 * touches, and the application's failures, which count half after each half-life.
 * What is not known adds nothing here; it is held elsewhere.
 *
 * @param nowMs wall milliseconds
 */
export function effectiveRisk(
  app: Pick<AppPolicy, "risk">,
  { change, track }: { readonly change: Change | null | undefined; readonly track: Track },
  policy: RiskPolicy,
  nowMs: number,
): EffectiveRisk {
  const diff = change ? policy.largeDiff * Math.min(1, change.changedFields / policy.largeDiffFields) : 0;
  const kinds = change?.kinds.some((kind) => kind === unknownKind || policy.sensitiveKinds.has(kind))
    ? policy.sensitiveKind
    : 0;
  const halfLifeMs = policy.failureHalfLifeHours * hourMs;
  const failures = track.failedAtMs.reduce(
    (sum, atMs) => sum + policy.failure * 0.5 ** (Math.max(0, nowMs - atMs) / halfLifeMs),
    0,
  );
  const added = Math.min(policy.mostAdded, diff + kinds + failures);
  return { total: rounded(app.risk + added), parts: { configured: app.risk, diff, kinds, failures } };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
