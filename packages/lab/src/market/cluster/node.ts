import type { Resources, Sizing } from "../rule.ts";

/** A pod of one container in the cluster. */
export interface ClusterPod {
  readonly name: string;
  readonly declared: Resources;
  /** In each step. */
  readonly needMilli: Float64Array;
  readonly sizing: Sizing;
  spec: Resources;
  /** What the kubelet admitted of the spec; less where a raise stands Deferred. */
  admitted: Resources;
  node: ClusterNode | null;
  startedMs: number;
  /** The quota it is rationed to; null: it is not. */
  rationMilli: number | null;
}

/** What the scheduler counts. */
export function reservedMilli({ spec, admitted }: ClusterPod): number {
  return Math.max(spec.requestMilli, admitted.requestMilli);
}

export class ClusterNode {
  readonly pods = new Set<ClusterPod>();
  readonly allocatableMilli: number;
  readonly bornMs: number;

  constructor(allocatableMilli: number, bornMs: number) {
    this.allocatableMilli = allocatableMilli;
    this.bornMs = bornMs;
  }

  /** For the scheduler; below 0 where raises stand Deferred. */
  get freeMilli(): number {
    return this.#left(reservedMilli);
  }

  /** For the kubelet, which counts what it admitted. */
  get unadmittedMilli(): number {
    return this.#left(({ admitted }) => admitted.requestMilli);
  }

  run(pod: ClusterPod, atMs: number): void {
    pod.node = this;
    pod.startedMs = atMs;
    this.pods.add(pod);
  }

  /** It is created anew, waiting for a node. */
  remove(pod: ClusterPod, created: Resources): void {
    this.pods.delete(pod);
    pod.node = null;
    pod.spec = created;
    pod.admitted = created;
  }

  #left(counted: (pod: ClusterPod) => number): number {
    let left = this.allocatableMilli;
    for (const pod of this.pods) left -= counted(pod);
    return left;
  }
}
