import { type Held, hold, isFresh, type LimitBid, limitBids, requestBid } from "./bid.ts";
import { clear, type Clearing } from "./clear.ts";
import { creditFactor, creditSpan, settleCredits } from "./credit.ts";
import type { MarketPolicy } from "./policy.ts";
import { granuleMilli, roundedUp } from "./round.ts";
import type { Binding, ContainerBidder, NodeDecision, NodeSnapshot, PodBidder, Target } from "./snapshot.ts";

/** When a decision is made, and how long the round before it lasted. */
export interface Round {
  readonly nowMs: number;
  readonly elapsedSeconds: number;
}

/**
 * Clears one node twice, each against live allocatable less what others were
 * promised: first what is used, which prices limits, then what is guaranteed,
 * which prices requests under those limits. Who gets all it would use has
 * headroom on top: only CPU that is used is scarce, so limits may add up to
 * more than the node while nobody is rationed for it.
 * Pure: the same snapshot and time give the same decision.
 */
export function decide(snapshot: NodeSnapshot, policy: MarketPolicy, round: Round): NodeDecision {
  const { bids, held } = split(snapshot, policy, round.nowMs);
  const capacityMilli = marketCapacity(snapshot, policy);
  const limits = clear(left(capacityMilli, held), asBids(bids));
  const ceilings = bids.map((bid, index) => requestCeiling(bid, limitOf(bid, limits, index)));
  const requests = clear(
    left(capacityMilli, held),
    bids.map((bid, index) => ({
      id: String(index),
      weight: bid.weight,
      ...requestFor(
        bid,
        { ceilingMilli: ceilings[index] ?? 0, usedMilli: limits.allocations[index]?.milli ?? 0 },
        policy,
      ),
    })),
  );
  return {
    node: snapshot.node,
    capacityMilli,
    mode: limits.mode,
    limitPrice: limits.price,
    requestPrice: requests.price,
    targets: [...held.map(heldTarget), ...bids.map((bid, index) => target(bid, index, { limits, requests }, policy))],
    credits: credits(snapshot, { bids, limits, capacityMilli }, policy, round.elapsedSeconds),
  };
}

/** Live allocatable less the promises to unmanaged pods and the reserve, in millicores. */
export function marketCapacity(snapshot: NodeSnapshot, policy: MarketPolicy): number {
  const reserve = snapshot.allocatableMilli * policy.reserveFraction;
  return Math.max(0, Math.floor(snapshot.allocatableMilli - snapshot.unmanagedMilli - reserve));
}

function split(snapshot: NodeSnapshot, policy: MarketPolicy, nowMs: number): { bids: LimitBid[]; held: Held[] } {
  const weightSum = snapshot.pods.reduce((sum, pod) => sum + pod.weight, 0);
  const capacityMilli = marketCapacity(snapshot, policy);
  const bids: LimitBid[] = [];
  const held: Held[] = [];
  for (const pod of snapshot.pods) {
    const fresh = pod.containers.filter((container) => isFresh(container, policy, nowMs));
    const silent = pod.containers.filter((container) => !fresh.includes(container));
    const factor = creditFactor(pod.credit, creditSpan(pod.weight, weightSum, capacityMilli, policy));
    bids.push(...limitBids({ ...pod, weight: pod.weight * factor }, fresh, policy, nowMs));
    held.push(...silent.map((container) => hold(pod, container, policy, nowMs)));
  }
  return { bids, held };
}

function asBids(bids: readonly LimitBid[]): { id: string; weight: number; floorMilli: number; capMilli: number }[] {
  return bids.map(({ weight, floorMilli, capMilli }, index) => ({ id: String(index), weight, floorMilli, capMilli }));
}

/** Silent containers keep their guarantee; what they use of their limits is not known. */
function left(capacityMilli: number, held: readonly Held[]): number {
  return Math.max(0, capacityMilli - held.reduce((sum, { requestMilli }) => sum + requestMilli, 0));
}

function limitOf(bid: LimitBid, limits: Clearing, index: number): number {
  if (bid.pod.requestsOnly && bid.container.limitMilli !== null) return bid.container.limitMilli;
  const { milli, exactMilli } = limits.allocations[index] ?? { milli: 0, exactMilli: 0 };
  const satisfied = exactMilli >= bid.capMilli;
  return satisfied ? Math.max(milli, roundedUp(bid.roomMilli)) : milli;
}

/** The highest request that keeps the pod's QoS class under this limit. */
function requestCeiling(bid: LimitBid, limitMilli: number): number {
  const gap = bid.pod.keepBelowLimit && bid.container.limitMilli !== null ? granuleMilli : 0;
  return Math.max(0, limitMilli - gap);
}

/** A Guaranteed pod's request is its limit, so what it is given to use is the least it is promised. */
function requestFor(
  bid: LimitBid,
  { ceilingMilli, usedMilli }: { readonly ceilingMilli: number; readonly usedMilli: number },
  policy: MarketPolicy,
): { floorMilli: number; capMilli: number } {
  if (bid.pod.qos !== "Guaranteed") return requestBid(bid, ceilingMilli, policy);
  return { floorMilli: Math.min(usedMilli, ceilingMilli), capMilli: ceilingMilli };
}

function heldTarget({ pod, container, requestMilli, limitMilli }: Held): Target {
  const bid = { weight: pod.weight, floorMilli: requestMilli, capMilli: limitMilli ?? requestMilli };
  return { podUid: pod.uid, container: container.name, requestMilli, limitMilli, bid, binding: "Held", pressed: false };
}

function target(
  bid: LimitBid,
  index: number,
  { limits, requests }: { readonly limits: Clearing; readonly requests: Clearing },
  policy: MarketPolicy,
): Target {
  const { pod, container, weight, floorMilli, capMilli } = bid;
  const requestMilli = requests.allocations[index]?.milli ?? 0;
  const limitMilli = pod.qos === "Guaranteed" ? requestMilli : Math.max(requestMilli, limitOf(bid, limits, index));
  return {
    podUid: pod.uid,
    container: container.name,
    requestMilli,
    limitMilli: container.limitMilli === null ? null : limitMilli,
    bid: { weight, floorMilli, capMilli },
    binding: bindingOf(bid, limits, index),
    pressed: isPressed(bid.container, policy),
  };
}

function isPressed({ demand, limitMilli }: ContainerBidder, policy: MarketPolicy): boolean {
  if (!demand || limitMilli === null) return false;
  const throttled = (demand.sample.throttledRatio ?? 0) > policy.targetThrottledRatio;
  return throttled || demand.peakMilli * (1 + demand.margin / 2) > limitMilli;
}

function bindingOf(bid: LimitBid, limits: Clearing, index: number): Binding {
  const exact = limits.allocations[index]?.exactMilli ?? 0;
  if (limits.mode === "overloaded") return "Capacity";
  if (exact < bid.capMilli) return exact <= bid.floorMilli ? "Floor" : "Capacity";
  return bid.bounded ?? "Need";
}

function credits(
  snapshot: NodeSnapshot,
  cleared: { bids: readonly LimitBid[]; limits: Clearing; capacityMilli: number },
  policy: MarketPolicy,
  elapsedSeconds: number,
): Map<string, number> {
  const before = new Map(snapshot.pods.map((pod) => [pod.uid, pod.credit]));
  const allocated = new Map<string, number>();
  cleared.bids.forEach(({ pod }, index) => {
    allocated.set(pod.uid, (allocated.get(pod.uid) ?? 0) + (cleared.limits.allocations[index]?.exactMilli ?? 0));
  });
  const stakes = snapshot.pods
    .filter(({ uid }) => allocated.has(uid))
    .map((pod) => stake(pod, allocated.get(pod.uid) ?? 0));
  for (const [uid, credit] of settleCredits(stakes, cleared.capacityMilli, elapsedSeconds, policy))
    before.set(uid, credit);
  return before;
}

function stake(pod: PodBidder, allocatedMilli: number): Parameters<typeof settleCredits>[0][number] {
  const declared = pod.containers.reduce((sum, container) => sum + container.declaredRequestMilli, 0);
  return {
    uid: pod.uid,
    weight: pod.weight,
    entitledMilli: Math.max(declared, pod.minMilli ?? 0),
    allocatedMilli,
    credit: pod.credit,
  };
}
