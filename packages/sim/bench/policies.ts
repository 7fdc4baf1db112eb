import { decide, defaultMarketPolicy, type Demand, observe } from "@walras/controller/market";

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

/** Buckets grow by 5 % from 10 m, half-life a day, 90th percentile and 15 % margin: VPA's defaults. */
const firstBucketMilli = 10;
const bucketGrowth = 1.05;
const halfLifeSeconds = 86_400;
const targetShare = 0.9;
const margin = 1.15;

/** A decaying histogram of usage, applied each minute, as VPA's recommender computes it. */
export function vpaLike(initial: readonly number[]): Policy {
  const histograms = initial.map(() => new Map<number, number>());
  let limits = [...initial];
  return {
    name: "VPA-like p90",
    limits: (second, seen) => {
      seen.forEach(({ usageMilli }, index) => {
        const histogram = histograms[index];
        const bucket = bucketOf(usageMilli);
        histogram?.set(bucket, (histogram.get(bucket) ?? 0) + 2 ** (second / halfLifeSeconds));
      });
      if (second % 60 === 59) limits = histograms.map((histogram) => percentileOf(histogram) * margin);
      return limits;
    },
  };
}

function bucketOf(milli: number): number {
  return Math.max(
    0,
    Math.floor(Math.log((milli / firstBucketMilli) * (bucketGrowth - 1) + 1) / Math.log(bucketGrowth)),
  );
}

function percentileOf(histogram: ReadonlyMap<number, number>): number {
  const total = [...histogram.values()].reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  for (const bucket of [...histogram.keys()].toSorted((a, b) => a - b)) {
    reached += histogram.get(bucket) ?? 0;
    if (reached >= targetShare * total)
      return (firstBucketMilli * (bucketGrowth ** (bucket + 1) - 1)) / (bucketGrowth - 1);
  }
  return 0;
}

/** The market as the controller runs it, deadbands and rests included. */
export function marketPolicy(services: number, cores: number): Policy {
  const policy = defaultMarketPolicy;
  const demands: (Demand | undefined)[] = Array.from({ length: services }, () => undefined);
  const lastCutMs = Array.from({ length: services }, () => -Infinity);
  return {
    name: "walras",
    limits: (second, seen) => {
      const nowMs = second * 1000;
      seen.forEach((sample, index) => {
        demands[index] = observe(demands[index], { ...sample, atMs: nowMs, pressureRatio: null }, policy);
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
        containers: [
          {
            name: "app",
            requestMilli: 100,
            limitMilli: quotaMilli,
            declaredRequestMilli: 100,
            declaredLimitMilli: null,
            demand: demands[index],
          },
        ],
      }));
      const { targets } = decide({ node: "node", allocatableMilli: cores * 1000, unmanagedMilli: 0, pods }, policy, {
        nowMs,
        elapsedSeconds: 1,
      });
      return seen.map(({ quotaMilli }, index) => {
        const { limitMilli, pressed } = targets[index] ?? { limitMilli: null, pressed: false };
        const target = limitMilli ?? quotaMilli;
        const least = pressed && target > quotaMilli ? 10 : policy.leastStepMilli;
        if (target > quotaMilli)
          return target - quotaMilli >= Math.max(least, quotaMilli * policy.raiseDeadband) ? target : quotaMilli;
        const rested = nowMs - (lastCutMs[index] ?? 0) >= policy.cutCooldownMs;
        if (quotaMilli - target < Math.max(least, quotaMilli * policy.cutDeadband) || !rested) return quotaMilli;
        lastCutMs[index] = nowMs;
        return target;
      });
    },
  };
}
