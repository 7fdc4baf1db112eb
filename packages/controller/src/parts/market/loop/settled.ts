import type { Rng } from "@walras/kit";

import type { NodeReading } from "../../../base/telemetry/ledger/readings.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import type { Demand, PodBidder } from "../decide/snapshot.ts";
import { type Decided, decidedOf, isUnmoved } from "../decide/unmoved.ts";
import type { RoundResult } from "../explain/result.ts";
import { isComingBack } from "../observe/managed.ts";
import { freshUse } from "../observe/nodeUse.ts";

/** What moves with time alone is decided at least this often on a node where nothing else does. */
export const longestSettledMs = 15_000;
/** Nodes that began together are not decided together for ever. */
const spread = 1 / 3;
/** A node with less idle than so many reserves may be used up in the next second. */
const reservesIdle = 2;

/** A container as it was when it was last decided, with what was believed of it. */
interface Belief {
  readonly containerId: string;
  readonly decided: Decided;
}

/** A bidder as it was when it was last decided. */
interface SettledPod {
  readonly beliefs: readonly Belief[];
  /** Its agent has said something of it since. */
  isHeard: boolean;
}

interface Settled {
  readonly result: RoundResult;
  /** When all of it is decided again, whatever moves. */
  readonly untilMs: number;
  /** By UID. */
  readonly pods: Map<string, SettledPod>;
  /** UIDs of pods that are not done with, or that something has changed about. */
  readonly open: Set<string>;
}

/** What is known of a node now. */
export interface NodeNow {
  readonly reading: NodeReading | null;
  readonly demandOf: (containerId: string) => Demand | undefined;
  readonly nowMs: number;
}

/** What a round was about. */
interface Fresh {
  readonly bidders: readonly PodBidder[];
  /** UIDs of the pods that were decided anew; null: all */
  readonly moved: ReadonlySet<string> | null;
}

/** What a round made of a node, and the UIDs of the pods that have moved since. */
export interface Movement {
  readonly result: RoundResult;
  readonly moved: ReadonlySet<string>;
}

/**
 * What nodes were decided by. As long as nothing of a pod has moved, and its node has room, another round would come to the same for
 * it, so that none is made: a cluster costs by what changes in it, not by its size.
 */
export class SettledNodes {
  readonly #policy: MarketPolicy;
  readonly #rng: Rng;
  readonly #settled = new Map<string, Settled>();

  constructor(policy: MarketPolicy, rng: Rng) {
    this.#policy = policy;
    this.#rng = rng;
  }

  /** Takes note of a round. */
  note(node: string, result: RoundResult, { bidders, moved }: Fresh, nowMs: number): void {
    if (!isCalm(result)) {
      this.#settled.delete(node);
      return;
    }
    const before = this.#settled.get(node);
    const pods: Settled["pods"] = before?.pods ?? new Map();
    this.#learn(pods, result.observation, { bidders, moved });
    const untilMs = before && moved ? before.untilMs : nowMs + longestSettledMs * (1 - spread * this.#rng());
    this.#settled.set(node, { result, untilMs, pods, open: openIn(result) });
  }

  /** The node's agent has said something new of that pod: the others are as they were. */
  hear(node: string, podUid: string): void {
    const pod = this.#settled.get(node)?.pods.get(podUid);
    if (pod) pod.isHeard = true;
  }

  /** Something of the node has changed, or of that pod alone. */
  wake(node: string, podUid?: string): void {
    if (podUid === undefined) this.#settled.delete(node);
    else this.#settled.get(node)?.open.add(podUid);
  }

  /** Something has changed that many nodes are decided by. */
  wakeAll(): void {
    this.#settled.clear();
  }

  /** What must be decided anew; null: all of the node. */
  movement(node: string, now: NodeNow): Movement | null {
    const settled = this.#settled.get(node);
    if (!settled || now.nowMs >= settled.untilMs) return null;
    const { result, pods, open } = settled;
    if (!hasRoom(result, now, this.#policy)) return null;
    const moved = new Set(open);
    for (const [uid, pod] of pods) {
      if (!pod.isHeard) continue;
      if (this.#areUnmoved(pod.beliefs, now)) pod.isHeard = false;
      else moved.add(uid);
    }
    return { result, moved };
  }

  #learn(pods: Settled["pods"], { managed }: RoundResult["observation"], { bidders, moved }: Fresh): void {
    const decided = bidders.filter(({ uid }) => moved === null || moved.has(uid));
    const byUid = new Map(decided.map((bidder) => [bidder.uid, bidder]));
    for (const { pod } of managed) {
      const bidder = byUid.get(pod.uid);
      if (bidder) pods.set(pod.uid, { beliefs: this.#beliefsOf(pod, bidder), isHeard: false });
    }
    // A pod that is gone, or bids no more, was spoken of when it did.
    for (const uid of moved ?? pods.keys()) if (!byUid.has(uid)) pods.delete(uid);
  }

  #beliefsOf(pod: PodState, bidder: PodBidder): Belief[] {
    return bidder.containers.map((container): Belief => {
      const { containerId = "" } = pod.containers.find(({ name }) => name === container.name) ?? {};
      return { containerId, decided: decidedOf(bidder, container, this.#policy) };
    });
  }

  #areUnmoved(believed: readonly Belief[], { demandOf, nowMs }: NodeNow): boolean {
    for (const { containerId, decided } of believed)
      if (!isUnmoved(decided, demandOf(containerId), this.#policy, nowMs)) return false;
    return true;
  }
}

function isCalm({ decision, observation }: RoundResult): boolean {
  if (decision.mode !== "uncongested" || decision.scarceSinceMs !== null) return false;
  return observation.released.length + observation.ended.length === 0;
}

/** Those of whom the next round may make something else without anything new. */
function openIn({ outcomes }: RoundResult): Set<string> {
  const open = new Set<string>();
  for (const { managed, verdict, resize, waiting, bound } of outcomes)
    if (verdict.kind !== "settled" || resize !== null || waiting || bound !== null || isComingBack(managed))
      open.add(managed.pod.uid);
  return open;
}

/** While nobody tells what others use, nobody is rationed; else the node must be far from being used up. */
function hasRoom({ observation }: RoundResult, { reading, nowMs }: NodeNow, policy: MarketPolicy): boolean {
  const used = freshUse(reading, policy, nowMs);
  if (used === null || observation.snapshot.othersMilli === null)
    return used === null && observation.snapshot.othersMilli === null;
  return 1 - used.fraction >= reservesIdle * policy.reserveFraction;
}
