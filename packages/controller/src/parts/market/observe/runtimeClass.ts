import type { V1RuntimeClass } from "@kubernetes/client-node";

import type { Projection } from "../../../base/cluster/cluster.ts";

/** What runs the containers of a runtime class. */
export interface RuntimeClassState {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  readonly handler: string;
}

export const runtimeClassProjection: Projection<RuntimeClassState> = {
  resource: { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", plural: "runtimeclasses", namespaced: false },
  transform: (raw) => {
    const { metadata, handler } = raw as V1RuntimeClass;
    return { uid: metadata?.uid ?? "", namespace: "", name: metadata?.name ?? "", handler };
  },
};
