import type { ContainerCreation, CreationProfileSpec } from "@walras/api";

import type { Bounds } from "../observe/limitRange.ts";
import { comingMilli, type HistoryFacts, trustIn } from "../remember/need.ts";
import type { RememberPolicy } from "../remember/policy.ts";

/** What is known of a workload whose new pods may be sized. */
export interface KnownWorkload {
  readonly kind: string;
  readonly name: string;
  /** When it was learnt from last, in milliseconds since the Unix epoch. */
  readonly seenMs: number;
  readonly containers: ReadonlyMap<string, ContainerCreation>;
}

/**
 * What a new pod's container is sized by; the pod's own declaration is added by
 * whoever creates it.
 *
 * @param recentMilli the highest mean of a minute lately, over all pods that run
 * @returns null while it is not trusted at all
 */
export function containerCreation(
  history: HistoryFacts,
  recentMilli: number,
  nowMs: number,
  policy: RememberPolicy,
): ContainerCreation | null {
  const trustPercent = Math.floor(100 * trustIn(history.watchedMinutes(nowMs), policy));
  if (history.levelMilli === null || trustPercent === 0) return null;
  return {
    habitMilli: Math.ceil(history.levelMilli * (1 + policy.margin)),
    trustPercent,
    leastMilli: Math.ceil(Math.max(recentMilli, comingMilli(history, nowMs, policy))),
  };
}

/** Of the workloads, as JSON: an object of etcd is 1.5 MiB at most, and this is read with every new pod. */
const mostBytes = 256 * 1024;

/**
 * What is written down for a namespace.
 *
 * @param bounds what its LimitRanges ask of containers
 * @returns null where nobody is sized
 */
export function creationSpec(
  workloads: readonly KnownWorkload[],
  bounds: Bounds,
  nowMs: number,
  { overbook, memoryMs }: RememberPolicy,
): CreationProfileSpec | null {
  const entries = bounded(workloads.filter(({ containers }) => containers.size > 0));
  if (entries.length === 0) return null;
  return {
    validUntil: new Date(nowMs + memoryMs).toISOString(),
    overbook,
    minMilli: bounds.minMilli,
    ...(bounds.maxRatio === Infinity ? {} : { maxLimitRequestRatio: bounds.maxRatio }),
    workloads: Object.fromEntries(entries),
  };
}

type Entry = readonly [key: string, containers: Readonly<Record<string, ContainerCreation>>];

/** Who ran last comes first. */
function bounded(workloads: readonly KnownWorkload[]): readonly Entry[] {
  let bytes = 0;
  const entries = workloads
    .toSorted((one, other) => other.seenMs - one.seenMs)
    .map(({ kind, name, containers }): Entry => [`${kind}/${name}`, Object.fromEntries(containers)]);
  const fitting = entries.filter((entry) => (bytes += JSON.stringify(entry).length) <= mostBytes);
  return fitting.toSorted(([one], [other]) => (one < other ? -1 : 1));
}
