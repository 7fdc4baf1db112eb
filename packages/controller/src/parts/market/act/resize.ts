import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";
import { countedChangeMilli, countedOf } from "../../../base/cluster/counted.ts";
import type { Allowance } from "../observe/allowance.ts";
import type { Lane } from "./memory.ts";

/** One container's part of a resize. */
export interface ContainerResize {
  readonly name: string;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/** A resize of one pod: of all its containers that are sized, or of none. */
export interface PodResize {
  readonly pod: PodState;
  readonly containers: readonly ContainerResize[];
  /** Change of what is counted for the pod, at once: what a cut frees is counted until the node has confirmed it. */
  readonly requestDeltaMilli: number;
  /** Lowers a request or a limit. */
  readonly cuts: boolean;
  /** Raises a request or a limit. */
  readonly raises: boolean;
  readonly cause: "market" | "start" | "revert" | "release";
  /** What its namespace allows; undefined: anything. */
  readonly allowance?: Allowance;
}

/** The same resize without what it raises of requests: it cannot be deferred (KEP-1287 counts requests only). */
export function withoutRaisedRequests({ pod, containers, cause }: PodResize): PodResize | null {
  const lower = containers.map((one) => {
    const current = pod.containers.find(({ name }) => name === one.name)?.desired.requestMilli ?? one.requestMilli;
    const requestMilli = Math.min(one.requestMilli, current);
    // A Guaranteed pod's limit is its request, and waits with it.
    return { ...one, requestMilli, limitMilli: pod.qos === "Guaranteed" ? requestMilli : one.limitMilli };
  });
  return resizeTo(pod, lower, cause);
}

/**
 * The resize that gives a pod these resources; null where it desires them
 * already.
 */
export function resizeTo(
  pod: PodState,
  containers: readonly ContainerResize[],
  cause: PodResize["cause"],
): PodResize | null {
  const steps = containers.map((to) =>
    difference(
      to,
      pod.containers.find(({ name }) => name === to.name),
    ),
  );
  if (!steps.some((step) => step.cuts || step.raises)) return null;
  const requestDeltaMilli = countedChangeMilli(
    pod,
    steps.reduce((sum, { deltaMilli }) => sum + deltaMilli, 0),
  );
  const cuts = steps.some((step) => step.cuts);
  const raises = steps.some((step) => step.raises);
  return { pod, containers, requestDeltaMilli, cuts, raises, cause };
}

function difference(
  to: ContainerResize,
  from: ContainerState | undefined,
): { cuts: boolean; raises: boolean; deltaMilli: number } {
  if (!from) return { cuts: false, raises: false, deltaMilli: 0 };
  const request = from.desired.requestMilli ?? 0;
  const limit = from.desired.limitMilli ?? Infinity;
  const toLimit = to.limitMilli ?? Infinity;
  return {
    cuts: to.requestMilli < request || toLimit < limit,
    raises: to.requestMilli > request || toLimit > limit,
    deltaMilli: Math.max(to.requestMilli, from.allocatedMilli ?? 0, from.actual?.requestMilli ?? 0) - countedOf(from),
  };
}

/** What a quota would count more of limits: of each container the larger of desired and actual. */
export function limitChangeMilli(
  { containers }: PodState,
  to: readonly Pick<ContainerResize, "name" | "limitMilli">[],
): number {
  return to.reduce((sum, { name, limitMilli }) => {
    if (limitMilli === null) return sum;
    const from = containers.find((container) => container.name === name);
    const actual = from?.actual?.limitMilli ?? 0;
    return sum + Math.max(limitMilli, actual) - Math.max(from?.desired.limitMilli ?? 0, actual);
  }, 0);
}

/** What a resize asks for. */
export function lanesOf({ pod, containers }: Pick<PodResize, "pod" | "containers">): Lane[] {
  const steps = containers.flatMap((to) => {
    const from = pod.containers.find(({ name }) => name === to.name)?.desired;
    return from ? [{ from, to }] : [];
  });
  return lanes(steps);
}

/** What a pod's desire asks for over what its node has admitted. */
export function lanesDesired(pod: PodState): Lane[] {
  return lanes(
    pod.containers.map(({ desired, allocatedMilli, actual }) => ({
      from: { requestMilli: allocatedMilli ?? actual?.requestMilli ?? null, limitMilli: actual?.limitMilli ?? null },
      to: desired,
    })),
  );
}

function lanes(steps: readonly { readonly from: Amounts; readonly to: Amounts }[]): Lane[] {
  const found = new Set<Lane>();
  for (const { from, to } of steps) {
    for (const lane of ["request", "limit"] as const) {
      const [before, after] = [from[`${lane}Milli`], to[`${lane}Milli`]];
      if (before === null || after === null || before === after) continue;
      found.add(after > before ? lane : "cut");
    }
  }
  return [...found];
}

interface Amounts {
  readonly requestMilli: number | null;
  readonly limitMilli: number | null;
}
