import type { MarketPolicy } from "./policy.ts";
import type { PodBidder } from "./snapshot.ts";

/** One pod's part in a round of a congested market. */
export interface Stake {
  readonly uid: string;
  readonly weight: number;
  /** What it is entitled to before anything is divided. */
  readonly entitledMilli: number;
  readonly allocatedMilli: number;
  /** Balance before the round, in millicore-seconds. */
  readonly credit: number;
}

/**
 * What a balance makes of a weight: from 0.71 to 1.41, so that the richest
 * counts twice the poorest. Pods with the same balance relative to their share
 * keep the proportion of their weights.
 */
export function creditFactor(credit: number, spanMilliSeconds: number): number {
  if (spanMilliSeconds <= 0) return 1;
  return 2 ** (0.5 * Math.min(1, Math.max(-1, credit / spanMilliSeconds)));
}

/** The balance at which the factor is at its end: some seconds of the weight's share of the node. */
export function creditSpan(weight: number, weightSum: number, capacityMilli: number, policy: MarketPolicy): number {
  return weightSum > 0 ? (policy.creditSpanSeconds * capacityMilli * weight) / weightSum : 0;
}

/**
 * Balances after a round, after Karma (Vuppalapati et al., OSDI'23): who takes
 * more than its fair share pays for the excess, who takes less is paid, in
 * proportion to what it left, exactly what was paid. Fair is the entitlement
 * plus the weight's part of the rest, whatever anyone wants, so asking for
 * more than one needs only costs. It is settled at price zero as well: were
 * yielding paid in scarce rounds only, making a round scarce would pay.
 *
 * @param elapsedSeconds how long the round lasted
 */
export function settleCredits(
  stakes: readonly Stake[],
  capacityMilli: number,
  elapsedSeconds: number,
  policy: MarketPolicy,
): Map<string, number> {
  const fair = fairShares(stakes, capacityMilli);
  const excess = stakes.map(({ allocatedMilli }, index) => allocatedMilli - (fair[index] ?? 0));
  const borrowed = excess.reduce((sum, milli) => sum + Math.max(0, milli), 0);
  const yielded = excess.reduce((sum, milli) => sum + Math.max(0, -milli), 0);
  const paid = Math.min(borrowed, yielded);
  const weightSum = stakes.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(
    stakes.map((one, index) => {
      const milli = excess[index] ?? 0;
      const part = milli > 0 ? -(milli / borrowed) : -milli / (yielded || 1);
      const span = creditSpan(one.weight, weightSum, capacityMilli, policy);
      return [one.uid, clamp(one.credit + part * paid * elapsedSeconds, span)];
    }),
  );
}

/** A round that is over. */
export interface SettledRound {
  readonly used: ReadonlyMap<string, number>;
  readonly capacityMilli: number;
  readonly elapsedSeconds: number;
}

/**
 * Every pod's balance after a round; those who took no part keep theirs.
 *
 * @param round what each who took part was given to use, in millicores by pod UID, and how long it lasted
 */
export function settledCredits(
  pods: readonly PodBidder[],
  { used, capacityMilli, elapsedSeconds }: SettledRound,
  policy: MarketPolicy,
): Map<string, number> {
  const balances = new Map(pods.map((pod) => [pod.uid, pod.credit]));
  const stakes = pods.flatMap((pod) => {
    const allocatedMilli = used.get(pod.uid);
    return allocatedMilli === undefined ? [] : [stakeOf(pod, allocatedMilli)];
  });
  for (const [uid, credit] of settleCredits(stakes, capacityMilli, elapsedSeconds, policy)) balances.set(uid, credit);
  return balances;
}

function stakeOf({ uid, weight, credit, containers }: PodBidder, allocatedMilli: number): Stake {
  const entitledMilli = containers.reduce((sum, { declaredRequestMilli }) => sum + declaredRequestMilli, 0);
  return { uid, weight, credit, entitledMilli, allocatedMilli };
}

function fairShares(stakes: readonly Stake[], capacityMilli: number): number[] {
  const weightSum = stakes.reduce((sum, { weight }) => sum + weight, 0);
  const entitled = stakes.reduce((sum, { entitledMilli }) => sum + entitledMilli, 0);
  if (entitled > capacityMilli) return stakes.map(({ entitledMilli }) => (entitledMilli * capacityMilli) / entitled);
  return stakes.map(({ entitledMilli, weight }) => entitledMilli + ((capacityMilli - entitled) * weight) / weightSum);
}

function clamp(credit: number, span: number): number {
  return Math.min(span, Math.max(-span, credit));
}
