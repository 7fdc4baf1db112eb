import type { V1Job, V1Pod, V1PodCondition } from "@kubernetes/client-node";
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
  /** Waits for us, and not for KEDA or anybody else, to be un-suspended. */
  readonly queued: boolean;
  /** Is of the queue, or of a ScaledJob: it takes a slot when it runs. */
  readonly ours: boolean;
  /** Somebody else decides when it runs, and where it is to stop. */
  readonly managedElsewhere: boolean;
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
  const managedElsewhere = isManagedElsewhere(raw as V1Job);
  const own = ownerOf(labels, namespace, managedElsewhere ? undefined : queue);
  const owner = own ?? (spec?.suspend === true ? `${namespace}/${others}` : undefined);
  if (owner === undefined) return undefined;
  const has = (type: string): boolean =>
    (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
  return {
    uid: metadata?.uid ?? "",
    namespace,
    name: metadata?.name ?? "",
    labels,
    queued: owner === queueOwner(queue, namespace),
    owner,
    ours: own !== undefined,
    managedElsewhere,
    ownerUid: metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? "",
    generation: metadata?.generation ?? 0,
    suspended: spec?.suspend === true,
    finished: has("Complete") || has("Failed"),
    ending: has("SuccessCriteriaMet") || has("FailureTarget"),
    deadlineMs: deadlineMs(raw as V1Job),
    createdAtMs: instantMs(metadata?.creationTimestamp),
  };
}

function deadlineMs({ spec, status }: V1Job): number | null {
  const [startedAt, seconds] = [status?.startTime, spec?.activeDeadlineSeconds];
  return startedAt === undefined || seconds === undefined ? null : instantMs(startedAt) + seconds * 1000;
}

/** @param queue undefined: the Job is in none of ours, whatever its labels */
function ownerOf(
  labels: Readonly<Record<string, string>>,
  namespace: string,
  queue: Queue | undefined,
): string | undefined {
  const scaledJob = labels[scaledJobLabel];
  if (scaledJob !== undefined) return `${namespace}/${scaledJob}`;
  if (queue === undefined) return undefined;
  return labels[queue.labelKey] === queue.labelValue ? queueOwner(queue, namespace) : undefined;
}

/** Kueue's labels and annotations; the first of them, queue-name, makes a Job its own. */
const kueuePrefix = "kueue.x-k8s.io/";
/** The value of spec.managedBy that means nobody else. */
const jobController = "kubernetes.io/job-controller";
/** Who makes Jobs and leaves it to others when they run: CronJobs and ScaledJobs. */
const makers = /^(batch|keda\.sh)\//;

/**
 * Whether somebody else decides when the Job may run: Kueue, whoever
 * spec.managedBy names (KEP-4368), or a controller such as a JobSet that owns it.
 */
function isManagedElsewhere({ metadata, spec }: V1Job): boolean {
  const keys = [...Object.keys(metadata?.labels ?? {}), ...Object.keys(metadata?.annotations ?? {})];
  if (keys.some((key) => key.startsWith(kueuePrefix))) return true;
  if ((spec?.managedBy ?? jobController) !== jobController) return true;
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  return owner?.apiVersion !== undefined && !makers.test(owner.apiVersion);
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
    started: status?.phase === "Running" || status?.phase === "Succeeded",
    conditions: (status?.conditions ?? []).filter((one) => one.status === "True").map(({ type }) => type),
    waitsFor: (status?.conditions ?? []).find(isNotScheduled)?.message ?? "",
    terminating: metadata?.deletionTimestamp !== undefined,
    createdAtMs: instantMs(metadata?.creationTimestamp),
  };
}

function isNotScheduled({ type, status }: V1PodCondition): boolean {
  return type === "PodScheduled" && status === "False";
}

function instantMs(value: Date | string | undefined): number {
  return value === undefined ? 0 : new Date(value).getTime();
}
