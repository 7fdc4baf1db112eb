import { highestPrice, type PodAllocationSpec, type PodAllocationStatus } from "@walras/api";
import { formatCpu } from "@walras/kit";

import type { PodState } from "../../../base/cluster/pod.ts";
import type { Declared } from "../observe/allocation.ts";
import { limitOf } from "./sums.ts";

/** What one container of a pod is to have. */
export interface RecordedTarget {
  readonly container: string;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
  readonly bid: { readonly weight: number; readonly floorMilli: number; readonly capMilli: number };
  readonly binding: NonNullable<PodAllocationStatus["binding"]>;
}

/** The node's market when the targets were made. */
export interface RecordedMarket {
  readonly limitPrice: number;
  readonly requestPrice: number;
  /** Millicore-seconds. */
  readonly credit: number;
  /** null: the pod is not rationed. */
  readonly rationMilli: number | null;
}

/** How the pod's resize stands. */
export interface RecordedOutcome {
  readonly phase: "Pending" | "Applied" | "Failed";
  readonly reason: string;
  readonly message: string;
}

/** The spec of a pod's PodAllocation: who, what it had, what it is to have. */
export function allocationSpec(
  pod: PodState,
  declared: ReadonlyMap<string, Declared>,
  targets: readonly RecordedTarget[],
): PodAllocationSpec {
  const wanted = pod.containers.map((container) => wantedOf(container, targets));
  return {
    namespace: pod.namespace,
    podName: pod.name,
    podUID: pod.uid,
    desiredCPURequest: formatCpu(wanted.reduce((sum, { requestMilli }) => sum + requestMilli, 0)),
    ...optional("desiredCPULimit", limitOf(wanted.map(({ limitMilli }) => limitMilli))),
    containers: wanted.map(({ name, requestMilli, limitMilli }) => ({
      name,
      declaredCPURequest: formatCpu(declared.get(name)?.requestMilli ?? requestMilli),
      ...optional("declaredCPULimit", declared.get(name)?.limitMilli),
      desiredCPURequest: formatCpu(requestMilli),
      ...optional("desiredCPULimit", limitMilli),
    })),
  };
}

function wantedOf(
  { name, desired }: PodState["containers"][number],
  targets: readonly RecordedTarget[],
): { name: string; requestMilli: number; limitMilli: number | null } {
  const target = targets.find(({ container }) => container === name);
  if (target) return { name, requestMilli: target.requestMilli, limitMilli: target.limitMilli };
  return { name, requestMilli: desired.requestMilli ?? 0, limitMilli: desired.limitMilli };
}

/** The status of a pod's PodAllocation: what came of it, and why it is this much. */
export function allocationStatus(
  pod: PodState,
  targets: readonly RecordedTarget[],
  market: RecordedMarket,
  outcome: RecordedOutcome,
): PodAllocationStatus {
  const first = targets[0];
  return {
    ...outcome,
    appliedCPURequest: formatCpu(pod.containers.reduce((sum, { actual }) => sum + (actual?.requestMilli ?? 0), 0)),
    ...optional("appliedCPULimit", limitOf(pod.containers.map(({ actual }) => actual?.limitMilli ?? null))),
    shadowPriceCPU: perCore(market.limitPrice),
    requestPriceCPU: perCore(market.requestPrice),
    credit: rounded(market.credit / 1000),
    ...optional("rationCPU", market.rationMilli),
    observedGeneration: pod.generation,
    ...(first ? { binding: tightest(targets), bid: sumOfBids(targets) } : {}),
  };
}

function perCore(price: number): number {
  return Math.min(highestPrice, rounded(price * 1000));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function optional<Key extends string>(key: Key, milli: number | null | undefined): { [K in Key]?: string } {
  return milli === null || milli === undefined ? {} : ({ [key]: formatCpu(milli) } as { [K in Key]: string });
}

function sumOfBids(targets: readonly RecordedTarget[]): NonNullable<PodAllocationStatus["bid"]> {
  const sum = { weight: 0, floorMilli: 0, capMilli: 0 };
  for (const { bid } of targets) {
    sum.weight += bid.weight;
    sum.floorMilli += bid.floorMilli;
    sum.capMilli += bid.capMilli;
  }
  return { weight: rounded(sum.weight), floorMilli: Math.round(sum.floorMilli), capMilli: Math.round(sum.capMilli) };
}

const tightestFirst = ["Held", "Floor", "Capacity", "MaxCpu", "MinCpu", "Need"] as const;

/** What keeps a pod from having more is what keeps its worst off container. */
export function tightest(
  targets: readonly Pick<RecordedTarget, "binding">[],
): NonNullable<PodAllocationStatus["binding"]> {
  return tightestFirst.find((binding) => targets.some((target) => target.binding === binding)) ?? "Need";
}
