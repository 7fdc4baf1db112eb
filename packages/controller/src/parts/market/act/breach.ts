import { formatCpu } from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";
import type { Allowance, QuotaLeft } from "../observe/allowance.ts";
import type { Bounds } from "../observe/limitRange.ts";
import { limitChangeMilli, resizeTo } from "./resize.ts";

/** Why a pod may not have what is wanted for it. */
export interface Bound {
  /** The kind of the object that says so. */
  readonly reason: "LimitRange" | "ResourceQuota";
  readonly message: string;
}

/** One container of a resize, beside what its pod desires for it now. */
export interface Part {
  readonly name: string;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
  readonly now: { readonly requestMilli: number | null; readonly limitMilli: number | null };
}

/** What two amounts of one thing must be. */
interface Amounts {
  readonly requestMilli: number | null;
  readonly limitMilli: number | null;
}

/** The first bound that the API server would refuse this for; null: it would take it. */
export function breach(pod: PodState, parts: readonly Part[], allowance: Allowance): Bound | null {
  const all = pod.containers.map(({ name, desired }) => parts.find((part) => part.name === name) ?? desired);
  const crossed =
    all.map((one) => crossing("Container", one, allowance.container)).find((one) => one !== null) ??
    crossing("Pod", together(all), allowance.pod);
  if (crossed) return { reason: "LimitRange", message: crossed };
  return overQuota(pod, parts, allowance);
}

/** In the order of LimitRanger (plugin/pkg/admission/limitranger). */
function crossing(kind: "Container" | "Pod", amounts: Amounts, bounds: Bounds): string | null {
  const { minMilli, maxMilli, maxRatio } = bounds;
  const request = amounts.requestMilli ?? 0;
  if (request < minMilli) return `the least request of a ${kind} is ${formatCpu(minMilli)}`;
  if (Math.max(request, amounts.limitMilli ?? Infinity) > maxMilli)
    return `the highest limit of a ${kind} is ${formatCpu(maxMilli)}`;
  return maxRatio === Infinity ? null : tooWide(kind, request, amounts.limitMilli ?? 0, maxRatio);
}

function tooWide(kind: string, request: number, limit: number, maxRatio: number): string | null {
  if (request === 0 || limit === 0) return `a ${kind} needs a request and a limit, for the ratio between them`;
  return limit / request > maxRatio ? `a ${kind} may have a limit of ${maxRatio} times its request` : null;
}

/** Sums; a limit that some lack is none, except that LimitRanger adds up those there are. */
function together(all: readonly Amounts[]): Amounts {
  const sum = (amounts: readonly (number | null)[]): number | null => {
    const told = amounts.filter((amount) => amount !== null);
    return told.length === 0 ? null : told.reduce((one, other) => one + other, 0);
  };
  return {
    requestMilli: sum(all.map(({ requestMilli }) => requestMilli)),
    limitMilli: sum(all.map(({ limitMilli }) => limitMilli)),
  };
}

function overQuota(pod: PodState, parts: readonly Part[], { requests, limits }: Allowance): Bound | null {
  const requestDelta = resizeTo(pod, parts, "market")?.requestDeltaMilli ?? 0;
  if (isOver(requestDelta, requests)) return quotaBound(requests, "requests.cpu");
  return isOver(limitChangeMilli(pod, parts), limits) ? quotaBound(limits, "limits.cpu") : null;
}

/** Only what is more than before is held against a quota. */
function isOver(deltaMilli: number, { milli }: QuotaLeft): boolean {
  return deltaMilli > 0 && deltaMilli > milli;
}

function quotaBound({ milli, quota }: QuotaLeft, resource: string): Bound {
  return { reason: "ResourceQuota", message: `${quota} leaves ${formatCpu(milli)} of ${resource}` };
}
