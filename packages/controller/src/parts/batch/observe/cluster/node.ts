import type { V1Node } from "@kubernetes/client-node";
import type { StoreItem } from "@walras/kube";

import { type LabelOwners, rankLabel, slotLabel } from "../../decide/rank.ts";
import type { SlotNode } from "../../decide/slot.ts";

/** A Node as far as slots are concerned. */
export interface BatchNode extends SlotNode, StoreItem {
  readonly namespace: "";
  /** Every address and host name, by which a metrics source may call it. */
  readonly addresses: readonly string[];
  /** Who wrote those of the ranker's labels that it has. */
  readonly labelOwners: LabelOwners;
}

/** Labels of the cluster's own are many, and none of ours. */
const foreignLabel = /(^|\.)(kubernetes|k8s)\.io\//;

/** A Node trimmed. */
export function toBatchNode(raw: unknown): BatchNode {
  const { metadata, spec, status } = raw as V1Node;
  return {
    uid: metadata?.uid ?? "",
    namespace: "",
    name: metadata?.name ?? "",
    labels: Object.fromEntries(Object.entries(metadata?.labels ?? {}).filter(([key]) => !foreignLabel.test(key))),
    ready: (status?.conditions ?? []).some(({ type, status: is }) => type === "Ready" && is === "True"),
    unschedulable: spec?.unschedulable === true,
    taints: (spec?.taints ?? []).map(({ key, value = "", effect }) => ({ key, value, effect })),
    allocatable: Object.entries(status?.allocatable ?? {})
      .map(([resource, amount]) => `${resource}=${amount}`)
      .toSorted()
      .join(","),
    labelOwners: labelOwnersOf(raw as V1Node),
    addresses: (status?.addresses ?? []).map(({ address }) => address),
  };
}

interface OwnedFields {
  readonly "f:metadata"?: { readonly "f:labels"?: Readonly<Record<string, unknown>> };
}

function labelOwnersOf({ metadata }: V1Node): LabelOwners {
  const has = [slotLabel, rankLabel].filter((label) => metadata?.labels?.[label] !== undefined);
  return new Map(
    has.map((label) => {
      const entries = (metadata?.managedFields ?? []).filter(
        ({ fieldsV1 }) => (fieldsV1 as OwnedFields | undefined)?.["f:metadata"]?.["f:labels"]?.[`f:${label}`],
      );
      return [label, entries.flatMap(({ manager }) => manager ?? [])];
    }),
  );
}
