import type { V1Job, V1Pod } from "@kubernetes/client-node";
import type { StoreItem } from "@walras/kube";

import type { SlotJob, SlotPod } from "../../decide/job.ts";

/** KEDA writes it on each Job that it makes. */
const scaledJobLabel = "scaledjob.keda.sh/name";

export interface BatchJob extends SlotJob, StoreItem {
  readonly labels: Readonly<Record<string, string>>;
  /** Of its spec. */
  readonly generation: number;
  /** Of the ScaledJob that made it; empty where none did. */
  readonly ownerUid: string;
  /** Waits for us, and not for KEDA, to be un-suspended. */
  readonly queued: boolean;
}

export interface BatchPod extends SlotPod, StoreItem {
  readonly terminating: boolean;
}

/** Jobs that wait to be un-suspended by us, by their label. */
export interface Queue {
  readonly labelKey: string;
  readonly labelValue: string;
}

/** The owner under which a queue's Jobs are counted. */
function queueOwner({ labelKey, labelValue }: Queue, namespace: string): string {
  return `${namespace}/${labelKey}=${labelValue}`;
}

/** Whose suspended Jobs are counted as demand, and never released by us. */
const others = "(suspended)";

/**
 * A Job that takes a slot when it runs, made by KEDA or one of the queue; or
 * one that is suspended, which may be somebody's demand.
 *
 * @returns undefined for everybody else's
 */
export function toBatchJob(raw: unknown, queue: Queue): BatchJob | undefined {
  const { metadata, spec, status } = raw as V1Job;
  const labels = metadata?.labels ?? {};
  const namespace = metadata?.namespace ?? "";
  const owner = ownerOf(labels, namespace, queue) ?? (spec?.suspend === true ? `${namespace}/${others}` : undefined);
  if (owner === undefined) return undefined;
  const ended = (type: string): boolean =>
    (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
  return {
    uid: metadata?.uid ?? "",
    namespace,
    name: metadata?.name ?? "",
    labels,
    queued: owner === queueOwner(queue, namespace),
    owner,
    ownerUid: metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? "",
    generation: metadata?.generation ?? 0,
    suspended: spec?.suspend === true,
    finished: ended("Complete") || ended("Failed"),
    createdAtMs: instantMs(metadata?.creationTimestamp),
  };
}

function ownerOf(labels: Readonly<Record<string, string>>, namespace: string, queue: Queue): string | undefined {
  const scaledJob = labels[scaledJobLabel];
  if (scaledJob !== undefined) return `${namespace}/${scaledJob}`;
  return labels[queue.labelKey] === queue.labelValue ? queueOwner(queue, namespace) : undefined;
}

/** A pod of a Job. @returns undefined for every other pod */
export function toBatchPod(raw: unknown): BatchPod | undefined {
  const { metadata, spec, status } = raw as V1Pod;
  const job = (metadata?.ownerReferences ?? []).find(({ kind, controller }) => kind === "Job" && controller === true);
  if (!job) return undefined;
  return {
    uid: metadata?.uid ?? "",
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    jobUid: job.uid,
    node: spec?.nodeName ?? "",
    ended: status?.phase === "Succeeded" || status?.phase === "Failed",
    terminating: metadata?.deletionTimestamp !== undefined,
    createdAtMs: instantMs(metadata?.creationTimestamp),
  };
}

function instantMs(value: Date | string | undefined): number {
  return value === undefined ? 0 : new Date(value).getTime();
}
