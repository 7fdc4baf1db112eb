import { errorAt } from "@walras/kit";
import type { Resource, StoreItem } from "@walras/kube";

import type { ObjectRef } from "../../../../base/told/decision.ts";

/** Only what bounds a ScaledJob. */
export interface ScaledJobState extends StoreItem {
  /** Most unfinished Jobs at any time. */
  readonly most: number;
}

export const scaledJobResource: Resource = {
  apiVersion: "keda.sh/v1alpha1",
  kind: "ScaledJob",
  plural: "scaledjobs",
  namespaced: true,
};

export function scaledJobRef({ namespace, name, uid }: ScaledJobState): ObjectRef {
  const { apiVersion, kind } = scaledJobResource;
  return { apiVersion, kind, namespace, name, uid };
}

/** KEDA's own default. */
const defaultMost = 100;

interface ScaledJob {
  readonly metadata?: { readonly uid?: string; readonly namespace?: string; readonly name?: string };
  readonly spec?: { readonly maxReplicaCount?: unknown };
}

/** A ScaledJob trimmed. @throws FieldError where maxReplicaCount is no count */
export function toScaledJob(raw: unknown): ScaledJobState {
  const { metadata = {}, spec = {} } = raw as ScaledJob;
  const { uid = "", namespace = "", name = "" } = metadata;
  const most = spec.maxReplicaCount ?? defaultMost;
  if (typeof most !== "number" || !(most >= 0)) {
    throw errorAt(`scaledjob ${namespace}/${name}.spec.maxReplicaCount`, most, "is not a count");
  }
  return { uid, namespace, name, most };
}
