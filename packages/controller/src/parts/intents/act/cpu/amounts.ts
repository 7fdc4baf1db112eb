import { annotations, fieldManager } from "@walras/api";
import { formatCpu } from "@walras/kit";

import type { PodState } from "../../../../base/cluster/pod.ts";

/** CPU of the container that is sized. */
export interface CpuAmounts {
  readonly requestMilli: number;
  /** null: it has none. */
  readonly limitMilli: number | null;
}

/**
 * What the prototype makes of a size: at a boost of 1 the limit is the request,
 * above it the limit is the request times the boost, below it there is none.
 */
export function amountsOf(valueMilli: number, boost: number): CpuAmounts {
  return { requestMilli: valueMilli, limitMilli: boost < 1 ? null : Math.round(valueMilli * boost) };
}

/** The container that is sized: the last of the main ones. undefined: it has none. */
export function sizedContainer({ containers }: PodState): PodState["containers"][number] | undefined {
  return containers.findLast(({ sidecar }) => !sidecar);
}

/**
 * In place neither a request nor a limit can be added or taken away, and the
 * pod stays of its class: what the container does not have it does not get.
 */
export function inPlace({ requestMilli, limitMilli }: CpuAmounts, pod: PodState): CpuAmounts | null {
  const desired = sizedContainer(pod)?.desired;
  if (desired === undefined || desired.requestMilli === null) return null;
  if (pod.qos === "Guaranteed") return { requestMilli, limitMilli: requestMilli };
  if (desired.limitMilli === null) return { requestMilli, limitMilli: null };
  return { requestMilli, limitMilli: Math.max(requestMilli, limitMilli ?? desired.limitMilli) };
}

/** What the market is told of a pod: the least and the most that it is given, its other containers' CPU included. */
export function boundsFor(amounts: CpuAmounts, pod: PodState): Readonly<Record<string, string | null>> {
  const sized = sizedContainer(pod);
  const others = pod.containers.filter((one) => one !== sized);
  const besideMilli = others.reduce((sum, { desired }) => sum + (desired.limitMilli ?? desired.requestMilli ?? 0), 0);
  const bound = (milli: number): string => formatCpu(milli + besideMilli);
  return {
    [annotations.minCpu]: bound(amounts.requestMilli),
    [annotations.maxCpu]: amounts.limitMilli === null ? null : bound(amounts.limitMilli),
  };
}

/** As whom pods are resized where the market does not. */
export const sizeManager = `${fieldManager}-intents`;
