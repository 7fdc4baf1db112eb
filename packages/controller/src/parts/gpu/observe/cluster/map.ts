import {
  gpuSchedulingMapResource,
  type GpuSchedulingMapSpec,
  gpuSchedulingMapSpec,
  type GpuSchedulingMapStatus,
} from "@walras/api";
import { parseWith } from "@walras/kit";
import type { StoreItem } from "@walras/kube";

import type { ObjectRef } from "../../../../base/told/decision.ts";
import { readMapList, readMapText } from "../../decide/map/read.ts";
import type { MapState } from "../../decide/schedule/maps.ts";
import { type SchedPod, workloadKey, workloadOf } from "../../decide/schedule/pod.ts";

/** A GpuSchedulingMap, and what its status says. */
export interface MapObject extends MapState, StoreItem {
  readonly generation: number;
  /** Pods that run elsewhere are evicted to be placed anew. */
  readonly recreate: boolean;
  readonly status: GpuSchedulingMapStatus;
}

interface RawMap {
  readonly metadata?: {
    readonly uid?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly status?: GpuSchedulingMapStatus;
}

/** A GpuSchedulingMap as it is decided by. @throws FieldError naming field and value */
export function toMapObject(raw: unknown): MapObject {
  const { metadata = {}, spec, status = {} } = raw as RawMap;
  const { uid = "", namespace = "", name = "", generation = 0, creationTimestamp } = metadata;
  const read: GpuSchedulingMapSpec = parseWith(gpuSchedulingMapSpec, spec, `${namespace}/${name}`);
  return {
    uid,
    namespace,
    name,
    key: `${namespace}/${name}`,
    generation,
    workload: read.workload,
    map: readMapList(read.schedulingMap),
    recreate: read.rollout === "Recreate",
    createdAtMs: creationTimestamp === undefined ? 0 : new Date(creationTimestamp).getTime(),
    status,
  };
}

export function mapRef({ namespace, name, uid }: StoreItem): ObjectRef {
  const { apiVersion, kind } = gpuSchedulingMapResource;
  return { apiVersion, kind, namespace, name, uid };
}

/** Maps that pods carry: of a workload that of its newest pod, unless there is an object for it. */
export function annotatedMaps(pods: Iterable<SchedPod>, objects: readonly MapState[]): MapState[] {
  const owned = new Set(objects.map(({ namespace, workload }) => workloadKey(namespace, workload)));
  const newest = new Map<string, SchedPod>();
  const beganMs = new Map<string, number>();
  for (const pod of pods) {
    const key = workloadOf(pod);
    if (pod.mapText === null || pod.ended || key === null || owned.has(key)) continue;
    beganMs.set(key, Math.min(beganMs.get(key) ?? Infinity, pod.createdAtMs));
    const before = newest.get(key);
    if (!before || pod.createdAtMs > before.createdAtMs) newest.set(key, pod);
  }
  return [...newest].flatMap(([key, pod]) => annotatedMap(key, pod, beganMs.get(key) ?? 0));
}

/** It is as old as the oldest pod with a map: one that is made anew does not lose what it had to others. */
function annotatedMap(key: string, { namespace, workload, mapText }: SchedPod, createdAtMs: number): MapState[] {
  if (!workload || mapText === null) return [];
  return [{ key: `of ${key}`, uid: "", namespace, workload, map: readMapText(mapText), createdAtMs }];
}
