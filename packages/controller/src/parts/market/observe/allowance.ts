import type { PodState } from "../../../base/cluster/pod.ts";
import { type Bounds, type LimitRangeState, tightest, unbounded } from "./limitRange.ts";
import { counts, type QuotaState } from "./quota.ts";

/** What a quota leaves, and which one it is. */
export interface QuotaLeft {
  /** Infinity: there is no quota. */
  readonly milli: number;
  readonly quota: string;
}

/** What a namespace allows a pod's CPU to be. */
export interface Allowance {
  /** Of each container. */
  readonly container: Bounds;
  /** Of the pod's containers together. */
  readonly pod: Bounds;
  readonly requests: QuotaLeft;
  readonly limits: QuotaLeft;
}

/** What a namespace's bounds are read from. */
export interface NamespaceBounds {
  limitRanges(namespace: string): readonly LimitRangeState[];
  quotas(namespace: string): readonly QuotaState[];
}

/** What writes on their way, or decided already, will take of a namespace's quotas. */
export interface QuotaTaken {
  readonly requestMilli: number;
  readonly limitMilli: number;
}

const noQuota: QuotaLeft = { milli: Infinity, quota: "" };

/** @returns undefined where nothing bounds the pod */
export function allowanceOf(pod: PodState, bounds: NamespaceBounds, taken: QuotaTaken): Allowance | undefined {
  const ranges = bounds.limitRanges(pod.namespace);
  const quotas = bounds.quotas(pod.namespace).filter((quota) => counts(quota, pod));
  if (ranges.length === 0 && quotas.length === 0) return undefined;
  return {
    container: ranges.length === 0 ? unbounded : tightest(ranges.map(({ container }) => container)),
    pod: ranges.length === 0 ? unbounded : tightest(ranges.map((one) => one.pod)),
    requests: least(quotas, ({ requestLeftMilli }) => requestLeftMilli, taken.requestMilli),
    limits: least(quotas, ({ limitLeftMilli }) => limitLeftMilli, taken.limitMilli),
  };
}

function least(
  quotas: readonly QuotaState[],
  leftOf: (quota: QuotaState) => number | null,
  takenMilli: number,
): QuotaLeft {
  return quotas.reduce<QuotaLeft>((before, quota) => {
    const left = leftOf(quota);
    if (left === null) return before;
    const milli = Math.max(0, left - takenMilli);
    return milli < before.milli ? { milli, quota: quota.name } : before;
  }, noQuota);
}
