import { managedLabel } from "@walras/api";
import { type Millicores, parseCpu } from "@walras/kit";
import type { V1Namespace, V1Node } from "@kubernetes/client-node";

/** The part of a Node that decisions need. */
export interface NodeState {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  readonly allocatableMilli: Millicores;
  readonly ready: boolean;
}

/**
 * A Node trimmed to what decisions need.
 *
 * @throws FieldError when allocatable CPU cannot be read
 */
export function toNodeState(raw: unknown): NodeState {
  const { metadata, status } = raw as V1Node;
  const name = metadata?.name ?? "";
  const cpu = status?.allocatable?.["cpu"];
  return {
    uid: metadata?.uid ?? "",
    namespace: "",
    name,
    allocatableMilli: cpu === undefined ? 0 : parseCpu(cpu, `node ${name}.allocatable.cpu`),
    ready: (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True"),
  };
}

/** The part of a Namespace that decisions need. */
export interface NamespaceState {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  /** The label that opts its pods in. */
  readonly managed: string | undefined;
}

/** A Namespace trimmed to what decisions need. */
export function toNamespaceState(raw: unknown): NamespaceState {
  const { metadata } = raw as V1Namespace;
  return {
    uid: metadata?.uid ?? "",
    namespace: "",
    name: metadata?.name ?? "",
    managed: metadata?.labels?.[managedLabel],
  };
}
