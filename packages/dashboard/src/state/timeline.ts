import type { DashboardPod, PodDecision } from "@walras/api";

import { cpuText, orUnknown } from "./format.ts";

/** Columns as uPlot takes them: time in seconds, then a series each; null: not known then. */
export type Columns = [number[], ...(number | null)[][]];

const cores = (series: readonly (number | null)[]): (number | null)[] =>
  series.map((milli) => (milli === null ? null : milli / 1000));

/** Use, request, limit, and the use under the declared limit, in cores. */
export function cpuColumns({ points, ghost }: DashboardPod): Columns {
  return [[...points.t], cores(points.used), cores(points.request), cores(points.limit), cores(ghost.used)];
}

/** Throttled seconds a second, as it was and under the declared limit. */
export function throttlingColumns({ points, ghost }: DashboardPod): Columns {
  return [[...points.t], cores(points.throttled), cores(ghost.throttled)];
}

export function priceColumns({ points }: DashboardPod): Columns {
  return [[...points.t], [...points.price]];
}

/** What a decision changed: request 250m → 300m; null: nothing was resized. */
export function changeText({ from, to }: PodDecision): string | null {
  if (from === null || to === null) return null;
  const changes = (["requestMilli", "limitMilli"] as const).flatMap((field) =>
    from[field] === to[field]
      ? []
      : [`${field === "requestMilli" ? "request" : "limit"} ${amount(from[field])} → ${amount(to[field])}`],
  );
  return changes.length === 0 ? null : changes.join(", ");
}

function amount(milli: number | null): string {
  return milli === null ? "none" : cpuText(milli);
}

/** The latest values of the time line, for who sees no drawing. */
export function lastText({ points }: DashboardPod): string {
  const last = (series: readonly (number | null)[]): string => orUnknown(series.at(-1) ?? null, cpuText);
  const { length } = points.t;
  if (length === 0) return "No sample yet.";
  return `${length} samples; at the end use is ${last(points.used)}, request ${last(points.request)}, limit ${last(points.limit)}, throttled ${last(points.throttled)}.`;
}
