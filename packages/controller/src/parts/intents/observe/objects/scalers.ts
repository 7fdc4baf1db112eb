import type { V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import type { StoreItem } from "@walras/kube";

import type { Projection } from "../../../../base/cluster/cluster.ts";
import { horizontalProjection } from "../../../../base/cluster/horizontal.ts";
import { type Workload, workloadKey } from "../../../../base/cluster/workload.ts";
import { namesOf } from "./names.ts";

/** Somebody who sets the number of replicas of a workload. */
export interface Scaler extends StoreItem {
  readonly kind: "HorizontalPodAutoscaler" | "ScaledObject";
  readonly target: Workload;
}

/** Of whatever metric; undefined: KEDA's, which is told by its ScaledObject. */
function toHorizontal(raw: unknown): Scaler | undefined {
  const { metadata, spec } = raw as V2HorizontalPodAutoscaler;
  const isOfKeda = (metadata?.ownerReferences ?? []).some(({ kind }) => kind === "ScaledObject");
  return isOfKeda ? undefined : scaler("HorizontalPodAutoscaler", metadata, spec?.scaleTargetRef);
}

interface RawScaledObject {
  readonly metadata?: Partial<StoreItem> & { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly scaleTargetRef?: Partial<Workload> };
}

/** KEDA leaves one that is paused without a number alone. */
const paused = "autoscaling.keda.sh/paused";

function toScaledObject(raw: unknown): Scaler | undefined {
  const { metadata, spec } = raw as RawScaledObject;
  if (metadata?.annotations?.[paused] === "true") return undefined;
  return scaler("ScaledObject", metadata, { kind: "Deployment", ...spec?.scaleTargetRef });
}

function scaler(
  kind: Scaler["kind"],
  metadata: Partial<StoreItem> | undefined,
  target: Partial<Workload> | undefined,
): Scaler | undefined {
  if (!target?.kind || !target.name) return undefined;
  return { kind, ...namesOf(metadata), target: { kind: target.kind, name: target.name } };
}

const groupOf = ({ namespace, target }: Scaler): string => workloadKey(namespace, target);

export const scalerProjection: Projection<Scaler> = {
  resource: horizontalProjection.resource,
  transform: toHorizontal,
  groupOf,
};

export const scaledObjectProjection: Projection<Scaler> = {
  resource: { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", plural: "scaledobjects", namespaced: true },
  transform: toScaledObject,
  groupOf,
};
