import { lesserMode, type MarketModeSetting, type PodPolicy, readPodPolicy } from "@walras/api";

import { type Declared, declaredResources } from "../allocation/declared.ts";
import { type ClusterView, isManaged } from "../cluster/view.ts";
import { countedRequestMilli, holdsResources, type PodState } from "../cluster/pod.ts";
import type { MarketBook } from "../market/book.ts";
import type { ContainerBidder, NodeSnapshot, PodBidder } from "../market/snapshot.ts";
import { type Ineligibility, ineligibility, isResizableNow, mustStayBelowLimit } from "../resize/eligibility.ts";

/** A pod that opted in, with all that decisions about it need. */
export interface ManagedPod {
  readonly pod: PodState;
  readonly policy: PodPolicy;
  readonly complaints: readonly string[];
  readonly mode: MarketModeSetting;
  /** Why it is left alone; null where it is not. */
  readonly leftAlone: Ineligibility | null;
  readonly declared: ReadonlyMap<string, Declared>;
}

/** One node before a decision. */
export interface Observation {
  readonly snapshot: NodeSnapshot;
  readonly managed: readonly ManagedPod[];
  /** Pods that were managed and are not any more: they get back what they declared. */
  readonly released: readonly PodState[];
  /** Allocatable less what is counted for every pod now. */
  readonly freeMilli: number;
}

/** Sees one node: who is on the market, who is not, and what is left. */
export function observeNode(node: string, view: ClusterView, book: MarketBook, mode: MarketModeSetting): Observation {
  const allocatableMilli = view.node(node)?.allocatableMilli ?? 0;
  const pods = view.podsOn(node).filter(holdsResources);
  const managed = pods.filter((pod) => isManaged(pod, view)).map((pod) => managedPod(pod, view, mode));
  const bidders = managed.filter(isBidder);
  const bidding = new Set(bidders.map(({ pod }) => pod.uid));
  const counted = pods.map((pod) => ({ pod, milli: countedRequestMilli(pod) }));
  const unmanagedMilli = counted.reduce(
    (sum, { pod, milli }) => sum + (bidding.has(pod.uid) ? pod.sideRequestMilli : milli),
    0,
  );
  const managedUids = new Set(managed.filter((one) => one.mode !== "off").map(({ pod }) => pod.uid));
  return {
    snapshot: { node, allocatableMilli, unmanagedMilli, pods: bidders.map((one) => bidder(one, view, book)) },
    managed,
    released: pods.filter((pod) => !managedUids.has(pod.uid) && view.allocationOf(pod)?.spec.podUID === pod.uid),
    freeMilli: allocatableMilli - counted.reduce((sum, { milli }) => sum + milli, 0),
  };
}

/** On the market: it opted in, nothing forbids it, and it runs. */
export function isBidder({ pod, mode, leftAlone }: ManagedPod): boolean {
  return mode !== "off" && leftAlone === null && isResizableNow(pod);
}

function managedPod(pod: PodState, view: ClusterView, mode: MarketModeSetting): ManagedPod {
  const { policy, complaints } = readPodPolicy(pod.annotations);
  return {
    pod,
    policy,
    complaints: complaints.map(({ message }) => message),
    mode: policy.mode === null ? mode : lesserMode(mode, policy.mode),
    leftAlone: ineligibility(pod),
    declared: declaredResources(pod, view.allocationOf(pod)),
  };
}

function bidder({ pod, policy, mode, declared }: ManagedPod, view: ClusterView, book: MarketBook): PodBidder {
  const record = view.allocationOf(pod);
  const recordedCredit = record?.spec.podUID === pod.uid ? (record.status.credit ?? 0) * 1000 : 0;
  return {
    uid: pod.uid,
    weight: policy.weight,
    minMilli: policy.minMilli,
    maxMilli: policy.maxMilli,
    credit: book.credit(pod.uid, recordedCredit),
    qos: pod.qos === "Guaranteed" ? "Guaranteed" : "Burstable",
    keepBelowLimit: mustStayBelowLimit(pod),
    requestsOnly: mode === "requests",
    containers: pod.containers.map((container): ContainerBidder => {
      const origin = declared.get(container.name);
      return {
        name: container.name,
        requestMilli: container.allocatedMilli ?? container.desired.requestMilli ?? 0,
        limitMilli:
          container.desired.limitMilli === null ? null : (container.actual?.limitMilli ?? container.desired.limitMilli),
        declaredRequestMilli: origin?.requestMilli ?? 0,
        declaredLimitMilli: origin?.limitMilli ?? null,
        demand: book.demand(container.containerId),
      };
    }),
  };
}
