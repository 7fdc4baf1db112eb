import type { V1ObjectMeta } from "@kubernetes/client-node";

import { interned } from "./interned.ts";

/** What its owner made: the Deployment, not the ReplicaSet that the Deployment made. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
}

/** The label by which each kind tells the ReplicaSet that it made: NAME-HASH. */
const hashLabels = [
  { kind: "Deployment", label: "pod-template-hash" },
  { kind: "Rollout", label: "rollouts-pod-template-hash" },
] as const;

/** The workload of a pod; null where nothing controls it. */
export function workloadOf({ metadata }: { readonly metadata?: V1ObjectMeta }): Workload | null {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return null;
  const { kind, name } = behind(owner, metadata);
  return { kind: interned(kind), name: interned(name) };
}

function behind({ kind, name }: Workload, metadata: V1ObjectMeta | undefined): Workload {
  if (kind === "ReplicaSet") return replicaSetOwner(name, metadata?.labels ?? {}) ?? { kind, name };
  if (kind === "Job") return cronJobOf(name, metadata?.creationTimestamp) ?? { kind, name };
  return { kind, name };
}

function replicaSetOwner(name: string, labels: Readonly<Record<string, string>>): Workload | null {
  for (const { kind, label } of hashLabels) {
    const suffix = `-${labels[label] ?? ""}`;
    if (suffix !== "-" && name.endsWith(suffix) && name.length > suffix.length)
      return { kind, name: name.slice(0, -suffix.length) };
  }
  return null;
}

const minuteMs = 60_000;
/** A CronJob without startingDeadlineSeconds may start a run that it missed; one this old it does not. */
const longestLateMs = 7 * 24 * 60 * minuteMs;

/** A CronJob names its Jobs by the minute for which they were due: NAME-29384757 (kubernetes getJobName). */
function cronJobOf(jobName: string, created: Date | string | undefined): Workload | null {
  const [, name, minutes] = /^(.+)-(\d{8})$/.exec(jobName) ?? [];
  if (name === undefined || created === undefined) return null;
  const lateMs = new Date(created).getTime() - Number(minutes) * minuteMs;
  return lateMs > -minuteMs && lateMs < longestLateMs ? { kind: "CronJob", name } : null;
}

/** By which a workload is known, and those who act on it are found. */
export function workloadKey(namespace: string, { kind, name }: Workload): string {
  return `${namespace}/${kind}/${name}`;
}
