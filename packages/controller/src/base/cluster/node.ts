import { managedLabel } from "@walras/api";
import { type Millicores, parseCpu } from "@walras/kit";
import type { V1Namespace, V1Node } from "@kubernetes/client-node";

/** The part of a Node that decisions need. */
export interface NodeState {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  readonly allocatableMilli: Millicores;
  /** All its CPU, what is kept for the system included; allocatable where it does not tell. */
  readonly capacityMilli: Millicores;
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
  const allocatableMilli = cpuOf(status?.allocatable, `node ${name}.allocatable.cpu`) ?? 0;
  return {
    uid: metadata?.uid ?? "",
    namespace: "",
    name,
    allocatableMilli,
    capacityMilli: cpuOf(status?.capacity, `node ${name}.capacity.cpu`) ?? allocatableMilli,
    ready: (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True"),
  };
}

function cpuOf(amounts: Readonly<Record<string, string>> | undefined, field: string): Millicores | null {
  const cpu = amounts?.["cpu"];
  return cpu === undefined ? null : parseCpu(cpu, field);
}

/** The part of a Namespace that decisions need. */
export interface NamespaceState {
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  /** The label that opts its pods in. */
  readonly managed: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** A Namespace trimmed to what decisions need. */
export function toNamespaceState(raw: unknown): NamespaceState {
  const { metadata } = raw as V1Namespace;
  return {
    uid: metadata?.uid ?? "",
    namespace: "",
    name: metadata?.name ?? "",
    managed: metadata?.labels?.[managedLabel],
    labels: metadata?.labels ?? {},
  };
}
