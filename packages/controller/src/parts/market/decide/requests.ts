import { isSteady, type UseBid } from "./bid.ts";
import { type Clearing, clear } from "./clear.ts";
import { granuleMilli, roundedUp } from "./granules.ts";
import type { MarketPolicy } from "./policy.ts";

/** What a container is to have of its node's use. */
export interface UseShare {
  /** What its limit is, before its request is known. */
  readonly limitMilli: number;
  readonly usedMilli: number;
  /** It would use more. */
  readonly lacks: boolean;
}

/** What may be promised on a node, in millicores. */
export interface RequestRoom {
  readonly allMilli: number;
  /** Less the reserve, which is kept from what is asked beyond what was declared. */
  readonly openMilli: number;
}

interface Asked {
  /** The bound on overbooking: less of what was declared is never kept. */
  readonly leastMilli: number;
  readonly floorMilli: number;
  readonly capMilli: number;
}

/**
 * Clears a node's requests. What was declared, as far as a habit needs it, goes
 * first, and takes the reserve where it must: the scheduler let it in without.
 * Where not even that fits, since lent requests were sold and are wanted back,
 * each keeps the bound on overbooking and shares what is left.
 */
export function clearRequests(
  bids: readonly UseBid[],
  shares: readonly UseShare[],
  room: RequestRoom,
  policy: MarketPolicy,
): Clearing {
  const asked = bids.map((bid, index) => ({
    id: String(index),
    weight: bid.weight,
    ...ask(bid, shares[index] ?? nothing, policy),
  }));
  const floors = asked.reduce((sum, { floorMilli }) => sum + floorMilli, 0);
  if (floors <= room.allMilli) return clear(Math.max(room.openMilli, floors), asked);
  const least = asked.map((one) => ({ ...one, floorMilli: one.leastMilli, capMilli: one.floorMilli }));
  const shared = clear(room.allMilli, least);
  const allocations = shared.allocations.map((one, index) => ({
    ...one,
    milli: Math.max(one.milli, asked[index]?.leastMilli ?? 0),
  }));
  return { ...shared, allocations };
}

const nothing: UseShare = { limitMilli: 0, usedMilli: 0, lacks: false };

/**
 * Of its need no more than was declared is guaranteed; the rest, and what an
 * annotated minimum asks beyond that, competes for what is not promised.
 */
function ask(bid: UseBid, share: UseShare, policy: MarketPolicy): Asked {
  const { pod, container } = bid;
  if (container.keepsRequest) return { leastMilli: 0, floorMilli: 0, capMilli: 0 };
  const ceilingMilli = ceilingOf(bid, share.limitMilli);
  const within = (milli: number): number => Math.min(ceilingMilli, roundedUp(milli));
  const { declaredRequestMilli } = container;
  const leastMilli = within(Math.max(policy.minMilli, declaredRequestMilli / policy.overbook));
  const needMilli = Math.max(leastMilli, within(needOf(bid, share, policy)));
  // A Guaranteed pod's request is its limit, so it asks for whatever it is given to use.
  const wholeMilli = pod.qos === "Guaranteed" ? Math.max(needMilli, within(share.usedMilli)) : needMilli;
  const floorMilli = Math.max(leastMilli, Math.min(wholeMilli, within(declaredRequestMilli)));
  if (pod.qos === "Guaranteed") return { leastMilli, floorMilli, capMilli: ceilingMilli };
  return { leastMilli, floorMilli, capMilli: Math.max(needMilli, within((pod.minMilli ?? 0) * bid.share)) };
}

/** Its habit; what was declared, or is used for minutes, while none is known. A beginning asks for what was declared, unless it was sized. */
function needOf({ pod, container }: UseBid, { lacks, usedMilli }: UseShare, policy: MarketPolicy): number {
  const { declaredRequestMilli, habitMilli, demand, beginsMilli = declaredRequestMilli } = container;
  if (!isSteady(pod, container, policy)) return Math.max(beginsMilli, habitMilli ?? 0);
  const needMilli = habitMilli ?? Math.max(declaredRequestMilli, demand?.meanMilli ?? 0);
  // Who does not get what it wants is not promised it either.
  return lacks ? Math.min(needMilli, Math.max(declaredRequestMilli, usedMilli)) : needMilli;
}

/** Where the limit is not ours to move it bounds the request; elsewhere it is the request that keeps a limit up. */
function ceilingOf({ pod, share, container }: UseBid, limitMilli: number): number {
  const fixed = container.limitMilli !== null && (pod.requestsOnly || pod.qos === "Guaranteed");
  const most = fixed ? limitMilli : (pod.maxMilli ?? Infinity) * share;
  return Math.max(0, Math.floor((most - leastGapMilli(pod)) / granuleMilli) * granuleMilli);
}

/** How far a request stays below its limit for the pod to keep its QoS class. */
export function leastGapMilli({ keepBelowLimit }: UseBid["pod"]): number {
  return keepBelowLimit ? granuleMilli : 0;
}
