import {
  type Belief,
  decide,
  defaultMarketPolicy,
  firstImpression,
  granuleMilli,
  isWorth,
  learn,
} from "@walras/controller/market";

import { DecayingHistogram } from "../src/market/vpa/histogram.ts";

/** What a policy sees of one service after each second. */
export interface Seen {
  readonly usageMilli: number;
  readonly throttledRatio: number;
  readonly throttledMilli: number;
  readonly quotaMilli: number;
}

/** Sets each service's limit, each second. */
export interface Policy {
  readonly name: string;
  limits(second: number, seen: readonly Seen[]): number[];
}

/** Limits that never change. */
export function staticLimits(name: string, limits: readonly number[]): Policy {
  return { name, limits: () => [...limits] };
}

const targetShare = 0.9;
const margin = 1.15;

/** VPA's histogram of usage and what its recommender takes of it, applied each minute. */
export function vpaLike(initial: readonly number[]): Policy {
  const histograms = initial.map(() => new DecayingHistogram());
  let limits = [...initial];
  return {
    name: "VPA-like p90",
    limits: (second, seen) => {
      seen.forEach(({ usageMilli }, index) => histograms[index]?.add(usageMilli, 1, second * 1000));
      if (second % 60 === 59) limits = histograms.map((histogram) => histogram.percentile(targetShare) * margin);
      return limits;
    },
  };
}

/** The market as the controller runs it, deadbands and rests included. */
export function marketPolicy(services: number, cores: number): Policy {
  const policy = defaultMarketPolicy;
  const demands: (Belief | undefined)[] = Array.from({ length: services }, () => undefined);
  const lastCutMs = Array.from({ length: services }, () => -Infinity);
  return {
    name: "walras",
    limits: (second, seen) => {
      const nowMs = second * 1000;
      seen.forEach((one, index) => {
        const sample = { ...one, atMs: nowMs, pressureRatio: null };
        const belief = (demands[index] ??= firstImpression(sample, policy));
        learn(belief, sample, policy);
      });
      const pods = seen.map(({ quotaMilli }, index) => ({
        uid: String(index),
        weight: 1,
        minMilli: null,
        maxMilli: null,
        credit: 0,
        qos: "Burstable" as const,
        keepBelowLimit: false,
        requestsOnly: false,
        limits: "tight" as const,
        ready: true,
        containers: [
          {
            name: "app",
            requestMilli: 100,
            limitMilli: quotaMilli,
            declaredRequestMilli: 100,
            declaredLimitMilli: null,
            rationed: false,
            habitMilli: demands[index]?.meanMilli ?? null,
            demand: demands[index],
          },
        ],
      }));
      const cpuMilli = cores * 1000;
      const node = { node: "node", allocatableMilli: cpuMilli, cpuMilli, othersMilli: 0, promisedMilli: 0 };
      const { targets } = decide({ ...node, scarceSinceMs: null, pods }, policy, {
        nowMs,
        elapsedSeconds: 1,
      });
      return seen.map(({ quotaMilli }, index) => {
        const { limitMilli, pressed } = targets[index] ?? { limitMilli: null, pressed: false };
        const target = limitMilli ?? quotaMilli;
        const rested = nowMs - (lastCutMs[index] ?? 0) >= policy.cutCooldownMs;
        const step = { current: quotaMilli, target, bound: false, rationed: false, urgent: pressed, rested };
        if (!isWorth(step, { ...policy, granuleMilli })) return quotaMilli;
        if (target < quotaMilli) lastCutMs[index] = nowMs;
        return target;
      });
    },
  };
}
