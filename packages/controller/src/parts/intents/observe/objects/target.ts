import type { V1Deployment, V1ObjectMeta, V1ReplicaSet } from "@kubernetes/client-node";
import type { Resource, StoreItem } from "@walras/kube";

import type { Projection } from "../../../../base/cluster/cluster.ts";
import type { Workload } from "../../../../base/cluster/workload.ts";
import { separated } from "../../../../base/config/flags.ts";
import type { ObjectRef } from "../../../../base/told/decision.ts";
import { grantAnnotation, namesOf } from "./names.ts";

/** A workload that intents may be about. */
export interface TargetObject extends StoreItem {
  readonly ref: ObjectRef;
  readonly generation: number;
  /** As declared. */
  readonly replicas: number;
  /** Other namespaces whose intents may be about it. */
  readonly grants: readonly string[];
  /** What its pods are known to be made by: the Deployment, where a ReplicaSet is one's. */
  readonly makes: Workload;
}

const apiVersion = "apps/v1";

function targetProjection(kind: "Deployment" | "ReplicaSet", plural: string): Projection<TargetObject> {
  const resource: Resource = { apiVersion, kind, plural, namespaced: true };
  return { resource, transform: (raw) => toTarget(raw as V1Deployment | V1ReplicaSet, kind) };
}

function toTarget({ metadata, spec }: V1Deployment | V1ReplicaSet, kind: string): TargetObject {
  const names = namesOf(metadata);
  return {
    ...names,
    ref: { apiVersion, kind, ...names },
    generation: metadata?.generation ?? 0,
    replicas: spec?.replicas ?? 1,
    grants: separated(metadata?.annotations?.[grantAnnotation] ?? ""),
    makes: ofDeployment(metadata) ?? { kind, name: names.name },
  };
}

function ofDeployment(metadata: V1ObjectMeta | undefined): Workload | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  return owner?.kind === "Deployment" ? { kind: owner.kind, name: owner.name } : undefined;
}

export const deploymentProjection = targetProjection("Deployment", "deployments");
export const replicaSetProjection = targetProjection("ReplicaSet", "replicasets");
