import { ClusterNode, type ClusterPod, reservedMilli } from "./node.ts";

export const addsAfterMs = 60_000;
const removesAfterMs = 600_000;
/** Of the nodes, at once; at least one. Karpenter's disruption budget. */
const removedAtOnce = 0.1;

/** Adds nodes for pods that nothing has room for, and removes those whose pods fit elsewhere. */
export class NodeAutoscaler {
  readonly #allocatableMilli: number;
  /** Since when a node is not needed. */
  readonly #unneededMs = new Map<ClusterNode, number>();

  constructor(allocatableMilli: number) {
    this.#allocatableMilli = allocatableMilli;
  }

  /** As many nodes as the pods fill, first fit by size. The pods run there from `atMs`. */
  grow(pods: readonly ClusterPod[], atMs: number): ClusterNode[] {
    const added: ClusterNode[] = [];
    for (const pod of pods.toSorted((a, b) => reservedMilli(b) - reservedMilli(a))) {
      let node = added.find(({ freeMilli }) => freeMilli >= reservedMilli(pod));
      if (!node) added.push((node = new ClusterNode(this.#allocatableMilli, atMs)));
      node.run(pod, atMs);
    }
    return added;
  }

  /**
   * Nodes to remove, the emptiest first. What is moved is judged by the requests it has now, as node autoscalers do;
   * a pod that comes back larger may not find the room (karpenter #829).
   */
  shrink(nodes: readonly ClusterNode[], nowMs: number): ClusterNode[] {
    const room = new Room(nodes);
    const most = Math.max(1, Math.floor(nodes.length * removedAtOnce));
    const removed: ClusterNode[] = [];
    for (const node of room.emptiestFirst) {
      const taken = room.withoutNode(node);
      if (!taken) {
        this.#unneededMs.delete(node);
        continue;
      }
      const sinceMs = this.#unneededMs.get(node) ?? nowMs;
      this.#unneededMs.set(node, sinceMs);
      if (nowMs - sinceMs < removesAfterMs || removed.length >= most) continue;
      room.remove(node, taken);
      this.#unneededMs.delete(node);
      removed.push(node);
    }
    return removed;
  }
}

/** What nodes have left while some are being emptied into others. */
class Room {
  readonly emptiestFirst: readonly ClusterNode[];
  readonly #fullestFirst: readonly ClusterNode[];
  readonly #free: Map<ClusterNode, number>;

  constructor(nodes: readonly ClusterNode[]) {
    this.#free = new Map(nodes.map((node) => [node, node.freeMilli]));
    this.#fullestFirst = nodes.toSorted((a, b) => this.#left(a) - this.#left(b));
    this.emptiestFirst = this.#fullestFirst.toReversed();
  }

  /** What the other nodes have left once they took its pods, in the order of their size; null: they cannot. */
  withoutNode(node: ClusterNode): Map<ClusterNode, number> | null {
    const others = this.#fullestFirst.filter((other) => other !== node && this.#left(other) > 0);
    const room = others.reduce((sum, other) => sum + this.#left(other), 0);
    const pods = [...node.pods].map(reservedMilli);
    if (room < pods.reduce((sum, milli) => sum + milli, 0)) return null;
    const taken = new Map<ClusterNode, number>();
    const left = (other: ClusterNode): number => taken.get(other) ?? this.#left(other);
    for (const milli of pods.toSorted((a, b) => b - a)) {
      const home = others.find((other) => left(other) >= milli);
      if (!home) return null;
      taken.set(home, left(home) - milli);
    }
    return taken;
  }

  remove(node: ClusterNode, taken: ReadonlyMap<ClusterNode, number>): void {
    for (const [other, milli] of taken) this.#free.set(other, milli);
    this.#free.delete(node);
  }

  /** Nothing on a node that is removed. */
  #left(node: ClusterNode): number {
    return this.#free.get(node) ?? 0;
  }
}
