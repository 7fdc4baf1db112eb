// Who may reach whom by NetworkPolicies: https://kubernetes.io/docs/concepts/services-networking/network-policies/
import type { Labels, Manifest } from "./load.ts";

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: unknown;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly ports?: readonly { readonly port: number | string }[];
}

export type NetworkPolicy = Manifest & {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Rule[];
  };
};

/** A pod as policies see it. */
export interface Endpoint {
  readonly namespace: string;
  /** Of the namespace, beside the name that every namespace has. */
  readonly namespaceLabels?: Labels;
  readonly labels: Labels;
}

export interface Target extends Endpoint {
  readonly ports: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** Those of some manifests. */
export function networkPolicies(objects: readonly Manifest[]): readonly NetworkPolicy[] {
  return objects.filter((object): object is NetworkPolicy => object.kind === "NetworkPolicy");
}

/**
 * Whether a connection gets through. A pod that no policy selects is open to all; else somebody's rule must let it in.
 *
 * @throws Error for what this does not know: address blocks, other operators
 */
export function lets(policies: readonly NetworkPolicy[], from: Endpoint, to: Target, port: number): boolean {
  const selecting = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === to.namespace &&
      spec.policyTypes.includes("Ingress") &&
      matches(spec.podSelector, to.labels),
  );
  if (selecting.length === 0) return true;
  return selecting
    .flatMap(({ spec }) => spec.ingress ?? [])
    .some((rule) => letsFrom(rule, from, to) && letsPort(rule, to, port));
}

function letsFrom({ from: peers }: Rule, from: Endpoint, to: Target): boolean {
  return peers === undefined || peers.length === 0 || peers.some((peer) => isPeer(peer, from, to.namespace));
}

function isPeer({ podSelector, namespaceSelector, ipBlock }: Peer, from: Endpoint, home: string): boolean {
  if (ipBlock !== undefined) throw new Error("address blocks are not known here");
  const namespaceLabels = { ...from.namespaceLabels, "kubernetes.io/metadata.name": from.namespace };
  const inNamespace = namespaceSelector ? matches(namespaceSelector, namespaceLabels) : from.namespace === home;
  return inNamespace && matches(podSelector ?? {}, from.labels);
}

/** A port that the policy names is the pod's of that name. */
function letsPort({ ports }: Rule, to: Target, asked: number): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some(({ port }) =>
    typeof port === "number"
      ? port === asked
      : to.ports.some(({ name, containerPort }) => name === port && containerPort === asked),
  );
}

function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => holds(operator, labels[key], values))
  );
}

function holds(operator: string, value: string | undefined, values: readonly string[]): boolean {
  const isIn = value !== undefined && values.includes(value);
  switch (operator) {
    case "In":
      return isIn;
    case "NotIn":
      return !isIn;
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      throw new Error(`operator ${operator} is not known`);
  }
}
