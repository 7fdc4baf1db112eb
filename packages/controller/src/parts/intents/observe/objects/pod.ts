import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { parseQuantity } from "@walras/kit";
import { resources, type StoreItem } from "@walras/kube";

import type { Projection } from "../../../../base/cluster/cluster.ts";
import { interned } from "../../../../base/cluster/interned.ts";
import { type Workload, workloadKey, workloadOf } from "../../../../base/cluster/workload.ts";
import { namesOf } from "./names.ts";
import { shared } from "./shared.ts";

/** A time in which a pod did not serve, milliseconds since the Unix epoch. */
export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The part of a Pod that intents need. */
export interface IntentPod extends StoreItem {
  /** null: not scheduled. */
  readonly node: string | null;
  readonly phase: string;
  readonly terminating: boolean;
  readonly ready: boolean;
  /** Since when it is, or is not; null: nobody says. */
  readonly readySinceMs: number | null;
  readonly createdAtMs: number;
  readonly qosClass: string;
  /** What made what made it. */
  readonly workload: Workload | null;
  /** What made it. */
  readonly owner: Workload | null;
  /** `<container>_<resource>_<requests|limits>` to milli-units, as declared. */
  readonly resources: Readonly<Record<string, number>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Name of its last container, which is the one that is sized. */
  readonly lastContainer: string;
  /** A container of it has ended before, and was started again. */
  readonly restarted: boolean;
  /** The last time that a container of it was gone. */
  readonly lastOutage: Outage | null;
}

/** @throws FieldError when a quantity cannot be read */
function toIntentPod(raw: unknown): IntentPod {
  const pod = raw as V1Pod;
  const { metadata } = pod;
  const names = namesOf(metadata);
  return {
    ...names,
    namespace: interned(names.namespace),
    terminating: metadata?.deletionTimestamp !== undefined,
    createdAtMs: msOf(metadata?.creationTimestamp) ?? 0,
    workload: workloadOf(pod),
    owner: ownerOf(pod),
    resources: shared(declaredOf(pod, `${names.namespace}/${names.name}`)),
    annotations: shared(annotationsOf(metadata?.annotations ?? {})),
    ...placeOf(pod),
    ...conditionOf(pod),
  };
}

function placeOf({ spec }: V1Pod): Pick<IntentPod, "node" | "lastContainer"> {
  const node = spec?.nodeName ? interned(spec.nodeName) : null;
  return { node, lastContainer: interned(spec?.containers.at(-1)?.name ?? "") };
}

type Condition = Pick<IntentPod, "phase" | "qosClass" | "ready" | "readySinceMs" | "restarted" | "lastOutage">;

function conditionOf({ status = {} }: V1Pod): Condition {
  const { phase = "Pending", qosClass = "BestEffort", conditions = [], containerStatuses = [] } = status;
  const ready = conditions.find(({ type }) => type === "Ready");
  return {
    phase: interned(phase),
    qosClass: interned(qosClass),
    ready: ready?.status === "True",
    readySinceMs: msOf(ready?.lastTransitionTime),
    restarted: containerStatuses.some((one) => one.restartCount > 0 || one.lastState?.terminated !== undefined),
    lastOutage: lastOutageOf(containerStatuses),
  };
}

function ownerOf({ metadata }: V1Pod): Workload | null {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  return owner ? { kind: interned(owner.kind), name: interned(owner.name) } : null;
}

function msOf(time: Date | string | undefined): number | null {
  return time === undefined ? null : new Date(time).getTime();
}

function declaredOf({ spec }: V1Pod, origin: string): Record<string, number> {
  const declared: Record<string, number> = {};
  for (const [index, { resources: amounts }] of (spec?.containers ?? []).entries()) {
    for (const kind of ["requests", "limits"] as const) {
      for (const [resource, amount] of Object.entries(amounts?.[kind] ?? {})) {
        const key = `${index}_${resource}_${kind}`;
        declared[key] = Math.round(parseQuantity(amount, `${origin}.${key}`) * 1_000);
      }
    }
  }
  return declared;
}

/** It repeats the whole object, and is no property of the pod. */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

function annotationsOf({ [lastApplied]: _, ...annotations }: Readonly<Record<string, string>>): Record<string, string> {
  return annotations;
}

/** From the end of a container to its start anew, the latest. */
function lastOutageOf(statuses: readonly V1ContainerStatus[]): Outage | null {
  const outages = statuses.flatMap(({ state, lastState }): Outage[] => {
    const fromMs = msOf(lastState?.terminated?.finishedAt);
    const toMs = msOf(state?.running?.startedAt);
    return fromMs === null || toMs === null || toMs < fromMs ? [] : [{ fromMs, toMs }];
  });
  return outages.toSorted((one, other) => other.toMs - one.toMs)[0] ?? null;
}

/** By what made them: see workloadKey. */
export const intentPodProjection: Projection<IntentPod> = {
  resource: resources.pod,
  transform: toIntentPod,
  groupOf: ({ namespace, workload }) => (workload === null ? undefined : workloadKey(namespace, workload)),
};
