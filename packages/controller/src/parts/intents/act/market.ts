import { type PodAllocation, podAllocationResource } from "@walras/api";
import type { Store, StoreItem } from "@walras/kube";

import type { Projection } from "../../../base/cluster/cluster.ts";
import type { Market } from "./ports.ts";

/** A pod that the market sizes, by its record. */
interface SizedPod extends StoreItem {
  readonly podUid: string;
}

/** Reasons of a record that is not applied yet, and will be; by all others the market leaves the pod as it is. */
const underWay: ReadonlySet<string> = new Set(["InProgress", "WaitingForRoom", "Deferred"]);

export const sizedPods: Projection<SizedPod> = {
  resource: podAllocationResource,
  transform: (raw) => {
    const { metadata, spec, status } = raw as PodAllocation;
    const sizes = status?.phase === "Applied" || status?.phase === "Failed" || underWay.has(status?.reason ?? "");
    if (!sizes || spec.podUID === undefined) return undefined;
    return { uid: metadata.uid ?? "", namespace: metadata.namespace, name: metadata.name, podUid: spec.podUID };
  },
  groupOf: ({ podUid }) => podUid,
};

/** Who is on the market, by what the market has on record; it need not run in this process. */
export function marketOf(records: Pick<Store<SizedPod>, "group">): Market {
  return { sizes: (podUid) => records.group(podUid).length > 0 };
}
