import { parseCpu } from "@walras/kit";
import type { V1ResourceQuota } from "@kubernetes/client-node";

import type { Projection } from "../../../base/cluster/cluster.ts";
import type { PodState } from "../../../base/cluster/pod.ts";

/** A ResourceQuota as far as it is about pods' CPU. */
export interface QuotaState {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Which pods it counts; all of these must hold. */
  readonly scopes: readonly Scope[];
  /** What it leaves of requests.cpu; null: it says nothing of them. */
  readonly requestLeftMilli: number | null;
  /** What it leaves of limits.cpu; null: it says nothing of them. */
  readonly limitLeftMilli: number | null;
}

interface Scope {
  readonly name: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** Quotas by namespace; those that say nothing of CPU are left out. */
export const quotaProjection: Projection<QuotaState> = {
  resource: { apiVersion: "v1", kind: "ResourceQuota", plural: "resourcequotas", namespaced: true },
  transform: toQuotaState,
  groupOf: ({ namespace }) => namespace,
};

/** @throws FieldError when a quantity cannot be read */
export function toQuotaState(raw: unknown): QuotaState | undefined {
  const quota = raw as V1ResourceQuota;
  const { uid = "", namespace = "", name = "" } = quota.metadata ?? {};
  const left = (resource: string): number | null => leftMilli(quota, resource, `ResourceQuota ${namespace}/${name}`);
  const requestLeftMilli = least([left("requests.cpu"), left("cpu")]);
  const limitLeftMilli = left("limits.cpu");
  if (requestLeftMilli === null && limitLeftMilli === null) return undefined;
  return { uid, namespace, name, scopes: scopesOf(quota), requestLeftMilli, limitLeftMilli };
}

function scopesOf({ spec }: V1ResourceQuota): Scope[] {
  const plain = (spec?.scopes ?? []).map((name): Scope => ({ name, operator: "Exists", values: [] }));
  const selected = spec?.scopeSelector?.matchExpressions ?? [];
  return [
    ...plain,
    ...selected.map((one) => ({ name: one.scopeName, operator: one.operator, values: one.values ?? [] })),
  ];
}

/** Until the quota controller has counted, nobody is let in (plugin/pkg/admission/resourcequota, checkRequest). */
function leftMilli({ spec, status }: V1ResourceQuota, resource: string, origin: string): number | null {
  if (spec?.hard?.[resource] === undefined) return null;
  const [hard, used] = [status?.hard?.[resource], status?.used?.[resource]];
  if (hard === undefined || used === undefined) return 0;
  const [hardMilli, usedMilli] = [
    parseCpu(hard, `${origin}.hard.${resource}`),
    parseCpu(used, `${origin}.used.${resource}`),
  ];
  return Math.max(0, hardMilli - usedMilli);
}

function least(amounts: readonly (number | null)[]): number | null {
  const told = amounts.filter((amount) => amount !== null);
  return told.length === 0 ? null : Math.min(...told);
}

/** Whether the quota counts this pod; where that cannot be told, it does. */
export function counts({ scopes }: QuotaState, pod: PodState): boolean {
  return scopes.every((scope) => holds(scope, pod));
}

/** pkg/quota/v1/evaluator/core/pods.go, podMatchesScopeFunc */
function holds({ name, operator, values }: Scope, pod: PodState): boolean {
  if (name === "BestEffort") return pod.qos === "BestEffort";
  if (name === "NotBestEffort") return pod.qos !== "BestEffort";
  if (name === "Terminating") return pod.deadline;
  if (name === "NotTerminating") return !pod.deadline;
  if (name !== "PriorityClass") return true;
  const { priorityClass } = pod;
  if (operator === "In") return values.includes(priorityClass);
  if (operator === "NotIn") return !values.includes(priorityClass);
  return (priorityClass !== "") === (operator === "Exists");
}
