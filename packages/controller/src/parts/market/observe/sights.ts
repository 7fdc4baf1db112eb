import type { PodState } from "../../../base/cluster/pod.ts";
import type { NodeState } from "../../../base/cluster/node.ts";
import type { Ineligibility } from "./eligibility.ts";
import { type ManagedPod, managedPod, type PodSight } from "./managed.ts";

interface Seen {
  readonly managed: ManagedPod;
  readonly node: NodeState | undefined;
  readonly cpuMilli: number;
  readonly barred: Ineligibility | null;
}

/** How pods were seen last: of most nothing has changed since, and all of it is in the objects of the cluster. */
export class PodSights {
  readonly #seen = new Map<string, Seen>();

  /** The pod as it is, seen anew only where something that tells of it has changed. @param cpuMilli all CPU of its node */
  of(pod: PodState, sight: PodSight, cpuMilli: number): ManagedPod {
    const node = sight.view.node(pod.node);
    const barred = sight.barred(pod.uid);
    const before = this.#seen.get(pod.uid);
    if (before?.managed.pod === pod && before.node === node && before.cpuMilli === cpuMilli && before.barred === barred)
      return before.managed;
    const managed = managedPod(pod, sight, cpuMilli);
    this.#seen.set(pod.uid, { managed, node, cpuMilli, barred });
    return managed;
  }

  /** Something beside the pod tells otherwise of it, or it is gone. */
  forget(podUid: string): void {
    this.#seen.delete(podUid);
  }

  /** Something has changed that many pods are seen by. */
  forgetAll(): void {
    this.#seen.clear();
  }
}
