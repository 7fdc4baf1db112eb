import type { NodeState } from "../../../base/cluster/node.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import type { NodeReading } from "../../../base/telemetry/ledger/readings.ts";
import { isFresh } from "../decide/bid.ts";
import { usedMilli } from "../decide/capacity.ts";
import type { MarketPolicy } from "../decide/policy.ts";
import type { Demand, NodeDecision, PodBidder } from "../decide/snapshot.ts";

interface Remembered {
  othersMilli: number;
  atMs: number;
  scarceSinceMs: number | null;
}

/** What a node was seen by. */
interface NodeUseSeen {
  readonly reading: NodeReading | null;
  readonly cpuMilli: number;
  readonly yieldingMilli: number;
  readonly nowMs: number;
}

/** All CPU of a node: its own, or its allocatable where it shares its machine. */
export function cpuMilliOf(node: NodeState | undefined, reading: NodeReading | null): number {
  return (reading?.used?.of === "allocatable" ? node?.allocatableMilli : node?.capacityMilli) ?? 0;
}

/** What of a node was used in its last window; null where no fresh reading tells. */
export function freshUse(reading: NodeReading | null, policy: MarketPolicy, nowMs: number): NodeReading["used"] {
  return reading !== null && nowMs - reading.atMs <= policy.staleAfterMs ? reading.used : null;
}

/** What of each node's CPU is used by others than bidders, and since when it has not sufficed. */
export class NodeUses {
  readonly #policy: MarketPolicy;
  readonly #nodes = new Map<string, Remembered>();

  constructor(policy: MarketPolicy) {
    this.#policy = policy;
  }

  /**
   * What pods beside the market use beyond their requests: they weigh little,
   * and yield to whoever wants it. What is not known of them does not.
   */
  yieldingMilli(
    others: readonly { readonly pod: PodState; readonly milli: number }[],
    demandOf: (containerId: string) => Demand | undefined,
    nowMs: number,
  ): number {
    let yielding = 0;
    for (const { pod, milli } of others) {
      let used = 0;
      for (const { containerId } of pod.containers) {
        const demand = demandOf(containerId);
        if (isFresh(demand, this.#policy, nowMs)) used += demand.sample.usageMilli;
      }
      yielding += Math.max(0, used - milli);
    }
    return yielding;
  }

  /**
   * What others use that does not yield: the node's use less the bidders', which
   * rises at once and falls slowly.
   *
   * @returns null where no fresh reading tells
   */
  othersMilli(
    node: string,
    pods: readonly PodBidder[],
    { reading, cpuMilli, yieldingMilli, nowMs }: NodeUseSeen,
  ): number | null {
    const used = freshUse(reading, this.#policy, nowMs);
    if (used === null) return null;
    const before = this.#nodes.get(node);
    const bidders = usedMilli(pods, this.#policy, nowMs);
    const measured = Math.max(0, used.fraction * cpuMilli - yieldingMilli - bidders);
    const faded = before ? before.othersMilli * 2 ** ((before.atMs - nowMs) / this.#policy.othersHalfLifeMs) : 0;
    const othersMilli = Math.max(measured, faded);
    this.#nodes.set(node, { scarceSinceMs: before?.scarceSinceMs ?? null, othersMilli, atMs: nowMs });
    return othersMilli;
  }

  scarceSinceMs(node: string): number | null {
    return this.#nodes.get(node)?.scarceSinceMs ?? null;
  }

  /** Takes note of what a round has found. */
  settle({ node, scarceSinceMs }: NodeDecision): void {
    const known = this.#nodes.get(node);
    if (known) known.scarceSinceMs = scarceSinceMs;
  }

  forget(node: string): void {
    this.#nodes.delete(node);
  }
}
