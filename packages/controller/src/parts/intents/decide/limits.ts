import type { PlannerConfig } from "../config/planner.ts";
import type { IntentHistory, IntentSnapshot, Wish } from "./snapshot.ts";
import type { Workload } from "./workload.ts";

/** What a plan may come to now, whatever would be best. */
export interface Limits {
  /** Why nothing may be added; null: it may. */
  readonly holdsGrowth: string | null;
  readonly holdsShrinking: string | null;
  readonly leastPods: number;
  readonly leastCpuMilli: number;
  /** CPU of a container for which the nodes of its pods have room. */
  readonly mostCpuMilli: number;
  /** Whether nodes have room for so many more pods with so much CPU for each container, and for the raise of the others. */
  readonly fits: (added: number, cpuMilli: number) => boolean;
}

/**
 * Cool-downs. After something was added nothing more is for as long as the
 * prototype did not plan again; what was added or taken is left alone for a
 * while before anything is taken. What was taken too much is given back at once.
 */
export function coolDownsOf(
  { history }: IntentSnapshot,
  config: PlannerConfig,
  nowMs: number,
): Pick<Limits, "holdsGrowth" | "holdsShrinking"> {
  if (history === null) return { holdsGrowth: null, holdsShrinking: null };
  const { grownAtMs, shrunkAtMs } = history;
  const changedAtMs = Math.max(grownAtMs ?? -Infinity, shrunkAtMs ?? -Infinity);
  const growthMs = config.controller.plan_cache_ttl;
  const shrinkMs = config.planner.stability.shrink_cool_down * 1000;
  return {
    holdsGrowth: waits("grown", nowMs - (grownAtMs ?? -Infinity), growthMs),
    holdsShrinking: waits("changed", nowMs - changedAtMs, shrinkMs),
  };
}

function waits(what: string, sinceMs: number, coolDownMs: number): string | null {
  if (sinceMs >= coolDownMs) return null;
  return `was ${what} ${Math.round(sinceMs / 1000)} s ago: cools down for ${Math.round(coolDownMs / 1000)} s`;
}

/** What the last minutes would have had: nothing less is gone down to. */
export interface Floor {
  readonly pods: number;
  readonly cpuMilli: number;
}

/** @returns why nothing may be taken yet, or the most that was wished for within the window */
export function stabilised(
  history: IntentHistory,
  wish: Wish,
  { nowMs, windowSeconds }: { readonly nowMs: number; readonly windowSeconds: number },
): Floor | string {
  const fromMs = nowMs - windowSeconds * 1000;
  if (history.sinceMs > fromMs) {
    const seconds = Math.round((nowMs - history.sinceMs) / 1000);
    return `less has been enough for ${seconds} s of the ${windowSeconds} s that it must be`;
  }
  const wishes = [...history.wishes.filter(({ atMs }) => atMs >= fromMs), wish];
  return {
    pods: Math.max(...wishes.map(({ pods }) => pods)),
    cpuMilli: Math.max(...wishes.map(({ cpuMilli }) => cpuMilli ?? 0)),
  };
}

/** What free CPU allows. A node of which nothing is known is no bound: the scheduler knows. */
export function roomOf(
  { pods, cpuMilli, podMilli }: Workload,
  freeMilli: ReadonlyMap<string, number>,
): Pick<Limits, "mostCpuMilli" | "fits"> {
  const onNode = new Map<string, number>();
  for (const { node } of pods) if (node !== null) onNode.set(node, (onNode.get(node) ?? 0) + 1);
  const raises = [...onNode].map(([node, count]) => Math.max(0, freeMilli.get(node) ?? Infinity) / count);
  const known = new Map<number, number>();
  const placesFor = (raiseMilli: number): number => {
    const before = known.get(raiseMilli);
    if (before !== undefined) return before;
    let places = 0;
    for (const [node, free] of freeMilli)
      places += Math.floor(Math.max(0, free - raiseMilli * (onNode.get(node) ?? 0)) / (podMilli + raiseMilli));
    known.set(raiseMilli, places);
    return places;
  };
  return {
    mostCpuMilli: cpuMilli + Math.min(Infinity, ...raises),
    fits: (added, milli) => {
      if (added === 0 || freeMilli.size === 0 || podMilli === 0) return true;
      return placesFor(Math.max(0, milli - cpuMilli)) >= added;
    },
  };
}
