import type { PodAllocation } from "@walras/api";
import { parseCpu } from "@walras/kit";

import { type Gist, gistOf } from "./gist.ts";

/** What a container's owner declared before the market came. */
export interface Declared {
  readonly requestMilli: number;
  readonly limitMilli: number | null;
}

/** A PodAllocation as stored, trimmed to what is read of it: its text is known by its gist alone. */
export interface AllocationState {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** The pod it is about; empty where it names none. */
  readonly podUid: string;
  /** What the pod's containers declared, by name. */
  readonly declared: ReadonlyMap<string, Declared>;
  /** Core-seconds. */
  readonly credit: number;
  readonly gist: Gist;
}

/** @throws FieldError naming a quantity that cannot be read */
export function toAllocationState(raw: unknown): AllocationState {
  const { metadata, spec, status = {} } = raw as PodAllocation;
  const { uid = "", namespace, name } = metadata;
  const declared = (spec.containers ?? []).map((one): [string, Declared] => {
    const field = `${namespace}/${name}.spec.containers.${one.name}`;
    const limit = one.declaredCPULimit;
    const requestMilli = parseCpu(one.declaredCPURequest, `${field}.declaredCPURequest`);
    const limitMilli = limit === undefined ? null : parseCpu(limit, `${field}.declaredCPULimit`);
    return [one.name, { requestMilli, limitMilli }];
  });
  return {
    uid,
    namespace,
    name,
    podUid: spec.podUID ?? "",
    declared: inCommon(declared),
    credit: status.credit ?? 0,
    gist: gistOf(spec, status),
  };
}

/** Beyond so many different ones all are forgotten: whoever holds one goes on holding it. */
const mostInCommon = 10_000;
const known = new Map<string, ReadonlyMap<string, Declared>>();

/** Pods of a workload declared the same, and have it together. */
function inCommon(declared: readonly [string, Declared][]): ReadonlyMap<string, Declared> {
  const key = JSON.stringify(declared);
  const before = known.get(key);
  if (before) return before;
  if (known.size >= mostInCommon) known.clear();
  const map = new Map(declared);
  known.set(key, map);
  return map;
}

/** Longest name of an object. */
const longestName = 253;

/**
 * The name of a pod's PodAllocation: namespace-pod, as MBCAS has it, cut where
 * it would be too long; the UID keeps a cut name unique.
 */
export function allocationName(pod: {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}): string {
  const full = `${pod.namespace}-${pod.name}`;
  return full.length <= longestName ? full : `${full.slice(0, longestName - 9)}-${pod.uid.slice(0, 8)}`;
}
