import { countedOf, countedRequestMilli } from "../../../base/cluster/counted.ts";
import { holdsResources, type PodState } from "../../../base/cluster/pod.ts";
import type { NodeRoom } from "../../../base/access/room.ts";
import type { NodeReading } from "../../../base/telemetry/ledger/readings.ts";
import type { NodeSnapshot } from "../decide/snapshot.ts";
import { bidder } from "./bidder.ts";
import { beforeSizing, type CreationTerms } from "./creation.ts";
import type { Declared } from "./allocation.ts";
import { isSizable } from "./eligibility.ts";
import { declaredNow, isBidder, isComingBack, type ManagedPod, type PodSight } from "./managed.ts";
import { type Mislabelled, mislabelled } from "./mislabelled.ts";
import { cpuMilliOf, type NodeUses } from "./nodeUse.ts";
import type { PodSights } from "./sights.ts";
import { type ClusterView, isManaged } from "./view.ts";

/** A pod that was managed and is not any more: it gets back what it declared. */
interface ReleasedPod {
  readonly pod: PodState;
  readonly declared: ReadonlyMap<string, Declared>;
}

/** One node before a decision. */
export interface Observation {
  readonly snapshot: NodeSnapshot;
  readonly managed: readonly ManagedPod[];
  readonly released: readonly ReleasedPod[];
  /** Whose label neither opts in nor out. */
  readonly mislabelled: readonly Mislabelled[];
  /** Pods that have run to their end and are still on record. */
  readonly ended: readonly PodState[];
  /** Allocatable less what is counted for every pod now. */
  readonly freeMilli: number;
}

/** How a node was seen, as far as it is kept: who bids is seen anew when he is decided. */
export interface SeenNode extends Omit<Observation, "snapshot"> {
  readonly snapshot: Omit<NodeSnapshot, "pods" | "beside">;
}

/** What there is to see a node by. */
export interface NodeSight extends PodSight {
  readonly sights: PodSights;
  readonly uses: NodeUses;
  /** What the node's agent said last; null: nothing yet. */
  readonly reading: NodeReading | null;
  readonly nowMs: number;
}

/** Sees one node: who is on the market, who is not, and what is left. */
export function observeNode(node: string, sight: NodeSight): Observation {
  const { view, uses, reading, nowMs } = sight;
  const allocatableMilli = view.node(node)?.allocatableMilli ?? 0;
  const cpuMilli = cpuMilliOf(view.node(node), reading);
  const all = view.podsOn(node);
  const present = all.filter(holdsResources);
  const managed = present.filter((pod) => isManaged(pod, view)).map((pod) => sight.sights.of(pod, sight, cpuMilli));
  const released = releasedPods(present, managed, sight);
  const counted = present.map((pod) => ({ pod, milli: countedRequestMilli(pod) }));
  const pods = managed.filter(isBidder).map((one) => bidder(one, sight));
  const bidding = new Set(pods.map(({ uid }) => uid));
  const beside = counted.filter(({ pod }) => !bidding.has(pod.uid));
  const yieldingMilli = uses.yieldingMilli(beside, (id) => sight.book.now(id), nowMs);
  return {
    snapshot: {
      node,
      allocatableMilli,
      cpuMilli,
      othersMilli: uses.othersMilli(node, pods, { reading, cpuMilli, yieldingMilli, nowMs }),
      promisedMilli: promisedMilli(counted, bidding, [...released, ...managed.filter(isComingBack)]),
      scarceSinceMs: uses.scarceSinceMs(node),
      pods,
    },
    managed,
    released,
    mislabelled: mislabelled(present, view),
    ended: all.filter((pod) => !holdsResources(pod) && isOnRecord(pod, view)),
    freeMilli: allocatableMilli - counted.reduce((sum, { milli }) => sum + milli, 0),
  };
}

function isOnRecord(pod: PodState, view: ClusterView): boolean {
  return view.allocationOf(pod)?.podUid === pod.uid;
}

function releasedPods(
  pods: readonly PodState[],
  managed: readonly ManagedPod[],
  sight: Pick<NodeSight, "view" | "book" | "declared" | "settings">,
): ReleasedPod[] {
  const { view, declared, settings } = sight;
  const kept = new Set(managed.filter((one) => one.mode !== "off").map(({ pod }) => pod.uid));
  const released = pods.filter(
    (pod) => !kept.has(pod.uid) && (isOnRecord(pod, view) || declared.has(pod.uid) || wasSized(pod, settings)),
  );
  return released.map((pod) => ({ pod, declared: declaredNow(pod, settings.mode, sight).declared }));
}

/** Nobody has changed what it was given when it was created, which is less than it declared. */
function wasSized(pod: PodState, terms: CreationTerms): boolean {
  return beforeSizing(pod, terms).requests.size > 0;
}

/**
 * Requests that are not on the market. Who is on his way back counts for what
 * he declared, so that the others make room for it.
 */
function promisedMilli(
  counted: readonly { readonly pod: PodState; readonly milli: number }[],
  bidding: ReadonlySet<string>,
  back: readonly ReleasedPod[],
): number {
  const backMilli = new Map(back.map((one) => [one.pod.uid, declaredMilli(one)]));
  return counted.reduce((sum, { pod, milli }) => {
    if (bidding.has(pod.uid)) return sum + besideMarketMilli(pod);
    return sum + Math.max(milli, backMilli.get(pod.uid) ?? 0);
  }, 0);
}

function declaredMilli({ pod, declared }: ReleasedPod): number {
  return [...declared.values()].reduce((sum, { requestMilli }) => sum + requestMilli, pod.overheadMilli);
}

/** What of a bidder's request its sized containers do not bid for. */
export function besideMarketMilli(pod: PodState): number {
  const infeasible = pod.resizePending?.reason === "Infeasible";
  const sized = pod.containers.filter(isSizable);
  return sized.reduce((left, one) => left - countedOf(one, infeasible), countedRequestMilli(pod));
}

/** What of its node is free for this pod: allocatable less what is counted for every pod and promised to others. */
export function freeMilliFor(pod: PodState, view: ClusterView, room: NodeRoom): number {
  const counted = view.podsOn(pod.node).filter(holdsResources).map(countedRequestMilli);
  const taken = counted.reduce((sum, milli) => sum + milli, room.heldByOthers(pod.node, pod.uid));
  return (view.node(pod.node)?.allocatableMilli ?? 0) - taken;
}
