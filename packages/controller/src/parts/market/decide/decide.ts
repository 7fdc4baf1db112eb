import { type Held, hold, isFresh, isThrottled, type UseBid, useBids } from "./bid.ts";
import { promisable, type Usable, usable } from "./capacity.ts";
import { type Bid, clear, type Clearing } from "./clear.ts";
import { creditFactor, creditSpan, settledCredits } from "./credit.ts";
import { granuleMilli } from "./granules.ts";
import { type Ceiling, ceilingOf } from "./limit.ts";
import { keptMilli, withKeptRequests } from "./kept.ts";
import type { MarketPolicy } from "./policy.ts";
import { clearRequests, leastGapMilli } from "./requests.ts";
import type { Binding, ContainerBidder, NodeDecision, NodeSnapshot, Target } from "./snapshot.ts";

/** When a decision is made, and how long the round before it lasted. */
export interface Round {
  readonly nowMs: number;
  readonly elapsedSeconds: number;
}

/** What is rationed. */
interface Rations {
  readonly sparePerWeight: number;
  /** All that bidders may use. */
  readonly allMilli: number;
}

/** What one container may use, and the limit that follows. */
interface Share {
  readonly usedMilli: number;
  /** It would use more. */
  readonly lacks: boolean;
  readonly limitMilli: number;
  readonly rationMilli: number | null;
  readonly binding: Binding;
}

/**
 * Clears one node twice: first use, against all CPU less what others use; then
 * promises, against allocatable less what others were promised. While there is
 * CPU left nobody is rationed. Where there has been none for some seconds, who
 * takes more than its share has that as its limit, and only then: kernel
 * weights, which are requests, protect everybody's guarantee, and a quota near
 * its use would hurt its owner more than it helps a neighbour.
 * Pure: the same snapshot and time give the same decision.
 */
export function decide(snapshot: NodeSnapshot, policy: MarketPolicy, round: Round): NodeDecision {
  const room = usable(snapshot, policy, round.nowMs);
  const { bids, held } = split(snapshot, room, policy, round.nowMs);
  const freeMilli = Math.max(0, (room?.milli ?? Infinity) - (snapshot.beside?.capMilli ?? 0));
  const use = clear(freeMilli, asBids(bids, freeMilli));
  const scarceSinceMs = scarceSince({ ...use, room }, snapshot, policy, round.nowMs);
  const rationing = isScarceFor(scarceSinceMs, policy, round.nowMs);
  const rations = rationing && room ? { sparePerWeight: spareOf(bids, room), allMilli: room.milli } : null;
  const shares = bids.map((bid, index) => {
    const ceiling = ceilingOf(bid, snapshot.cpuMilli, policy, round.nowMs);
    return shareOf(bid, use.allocations[index] ?? nothing, ceiling, rations);
  });
  const requests = clearRequests(bids, shares, promisable(snapshot, promised(bids, held), policy), policy);
  const capacityMilli = room?.milli ?? snapshot.cpuMilli;
  return {
    node: snapshot.node,
    capacityMilli,
    scarceSinceMs,
    mode: use.mode,
    startMilli: mayStart(use, room) ? snapshot.cpuMilli : null,
    limitPrice: use.price,
    requestPrice: requests.price,
    targets: withKeptRequests(
      [
        ...held.map(heldTarget),
        ...bids.map((bid, index) => target(bid, shares[index], requests.allocations[index]?.milli ?? 0, policy)),
      ],
      snapshot.pods,
    ),
    credits: settledCredits(snapshot.pods, { ...round, used: usedByPod(bids, use), capacityMilli }, policy),
  };
}

/**
 * Since when somebody has wanted more of a node on which nearly nothing is left. Rations themselves leave something idle, whenever who
 * is not rationed pauses for a second: they go on while that is not much, for it is given to the rationed in the next.
 */
function scarceSince(
  { mode, room }: Pick<Clearing, "mode"> & { readonly room: Usable | null },
  { scarceSinceMs, cpuMilli }: NodeSnapshot,
  policy: MarketPolicy,
  nowMs: number,
): number | null {
  if (mode === "uncongested" || !room) return null;
  const rationed = isScarceFor(scarceSinceMs, policy, nowMs);
  const stillScarce = rationed ? room.idleMilli <= cpuMilli * policy.rationIdleFraction : room.usedUp;
  return stillScarce ? (scarceSinceMs ?? nowMs) : null;
}

function isScarceFor(sinceMs: number | null, policy: MarketPolicy, nowMs: number): boolean {
  return sinceMs !== null && nowMs - sinceMs >= policy.scarceAfterMs;
}

/** While nobody tells what is used, a start has what it has. */
function mayStart({ mode }: Clearing, room: Usable | null): boolean {
  return mode === "uncongested" && room !== null && !room.usedUp;
}

const nothing = { id: "", milli: 0, exactMilli: 0 };

function split(
  snapshot: NodeSnapshot,
  room: Usable | null,
  policy: MarketPolicy,
  nowMs: number,
): { bids: UseBid[]; held: Held[] } {
  const weightSum = snapshot.pods.reduce((sum, pod) => sum + pod.weight, snapshot.beside?.weight ?? 0);
  const capacityMilli = room?.milli ?? snapshot.cpuMilli;
  const usedUp = room?.usedUp ?? false;
  const bids: UseBid[] = [];
  const held: Held[] = [];
  for (const pod of snapshot.pods) {
    const fresh = pod.containers.filter((container) => isFresh(container.demand, policy, nowMs));
    const silent = pod.containers.filter((container) => !fresh.includes(container));
    const factor = creditFactor(pod.credit, creditSpan(pod.weight, weightSum, capacityMilli, policy));
    bids.push(...useBids({ ...pod, weight: pod.weight * factor }, fresh, policy, usedUp));
    held.push(...silent.map((container) => hold(pod, container, policy, nowMs)));
  }
  return { bids, held };
}

/** Where not even the guarantees fit they shrink alike: entitlement comes before weight. */
function asBids(bids: readonly UseBid[], capacityMilli: number): Bid[] {
  const guaranteed = bids.reduce((sum, { floorMilli }) => sum + floorMilli, 0);
  return bids.map(({ weight, floorMilli, capMilli }, index) => ({
    id: String(index),
    weight: guaranteed > capacityMilli ? floorMilli : weight,
    floorMilli,
    capMilli,
  }));
}

/** What is not for sale: silent containers keep theirs, and so do those whose requests somebody divides by. */
function promised(bids: readonly UseBid[], held: readonly Held[]): number {
  return held.reduce((sum, { requestMilli }) => sum + requestMilli, keptMilli(bids));
}

function shareOf(
  bid: UseBid,
  { milli: usedMilli, exactMilli }: Clearing["allocations"][number],
  ceiling: Ceiling,
  rations: Rations | null,
): Share {
  const { pod, container, floorMilli, capMilli } = bid;
  const lacks = exactMilli < capMilli;
  const scarce = exactMilli > floorMilli ? "Capacity" : "Floor";
  const binding = lacks ? scarce : (ceiling.bounded ?? "Need");
  const share = { usedMilli, lacks, rationMilli: null, binding } as const;
  if (pod.requestsOnly) return { ...share, limitMilli: container.limitMilli ?? Infinity };
  if (rations === null || !lacks || usedMilli >= nearlyAll * rations.allMilli || !takesMore(container, usedMilli))
    return { ...share, limitMilli: ceiling.milli };
  const spareMilli = Math.floor((rations.sparePerWeight * bid.weight) / granuleMilli) * granuleMilli;
  const rationMilli = usedMilli + spareMilli;
  return { ...share, limitMilli: rationMilli, rationMilli };
}

/** What nobody uses goes to the rationed: a share that its owner leaves is not to lie idle. */
function spareOf(bids: readonly UseBid[], { idleMilli }: Usable): number {
  const weights = bids.reduce((sum, { container, weight }) => sum + (container.rationed ? weight : 0), 0);
  return weights === 0 ? 0 : idleMilli / weights;
}

/** Whose share is so much of all there is has nobody beside it who would gain by a quota. */
const nearlyAll = 0.9;

/** Who has no more than its share needs no quota; who has one would take more without it. */
function takesMore({ demand, rationed }: ContainerBidder, shareMilli: number): boolean {
  return rationed || (demand?.sample.usageMilli ?? 0) > shareMilli + granuleMilli;
}

function heldTarget({ pod, container, requestMilli, limitMilli }: Held): Target {
  const bid = { weight: pod.weight, floorMilli: requestMilli, capMilli: limitMilli ?? requestMilli };
  const { name } = container;
  const rationMilli = null;
  return {
    podUid: pod.uid,
    container: name,
    requestMilli,
    limitMilli,
    bid,
    rationMilli,
    binding: "Held",
    pressed: false,
  };
}

function target(bid: UseBid, share: Share | undefined, requestMilli: number, policy: MarketPolicy): Target {
  const { pod, container, weight, floorMilli, capMilli } = bid;
  const leastMilli = requestMilli + leastGapMilli(pod);
  const limitMilli = pod.qos === "Guaranteed" ? requestMilli : Math.max(leastMilli, share?.limitMilli ?? 0);
  return {
    podUid: pod.uid,
    container: container.name,
    requestMilli,
    limitMilli: container.limitMilli === null ? null : limitMilli,
    bid: { weight, floorMilli, capMilli },
    rationMilli: container.limitMilli === null ? null : (share?.rationMilli ?? null),
    binding: share?.binding ?? "Need",
    pressed: isPressed(container, policy),
  };
}

function isPressed({ demand, limitMilli }: ContainerBidder, policy: MarketPolicy): boolean {
  if (!demand || limitMilli === null) return false;
  return isThrottled(demand.sample, policy) || demand.peakMilli * (1 + demand.margin / 2) > limitMilli;
}

function usedByPod(bids: readonly UseBid[], use: Clearing): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  bids.forEach(({ pod }, index) => {
    used.set(pod.uid, (used.get(pod.uid) ?? 0) + (use.allocations[index]?.exactMilli ?? 0));
  });
  return used;
}
