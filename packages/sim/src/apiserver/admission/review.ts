import type { KubeObject } from "../objects/model.ts";
import type { ResourceType } from "../resources.ts";
import type { Store } from "../store.ts";

/** One write on its way in. */
export interface AdmissionReview {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly type: ResourceType;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly object: KubeObject;
  readonly old: KubeObject | undefined;
  readonly store: Store;
}

/** Whether a write decides what a pod may use: its creation, its update or its resize. */
export function concernsPodResources({ type, subresource }: AdmissionReview): boolean {
  return type.collection === "pods" && (subresource === "" || subresource === "resize");
}

/**
 * Sees every write before it is stored; may return another object in its
 * place, or throw an ApiFailure to refuse.
 */
export type AdmissionHook = (review: AdmissionReview) => KubeObject | undefined | void;
