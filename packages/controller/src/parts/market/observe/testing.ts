import type { NodeState } from "../../../base/cluster/node.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { defaultMarketPolicy } from "../decide/policy.ts";
import { type AllocationState, allocationName, toAllocationState } from "./allocation.ts";
import { MarketBook } from "./book.ts";
import { DeclaredMemory } from "./declared.ts";
import type { NodeSight } from "./node.ts";
import { NodeUses } from "./nodeUse.ts";
import { PodSights } from "./sights.ts";
import type { ClusterView } from "./view.ts";

interface Seen {
  readonly allocatableMilli?: number | null;
  readonly allocations?: readonly AllocationState[];
  /** Of runtime classes, by name. */
  readonly handlers?: Readonly<Record<string, string>>;
}

/** A view of one node, for tests; without a node where `allocatableMilli` is null. */
export function aView(
  pods: readonly PodState[],
  { allocatableMilli = 1900, allocations = [], handlers = {} }: Seen = {},
): ClusterView {
  const node: NodeState | undefined =
    allocatableMilli === null
      ? undefined
      : { uid: "n", namespace: "", name: "node-1", allocatableMilli, capacityMilli: allocatableMilli, ready: true };
  return {
    podsOn: () => pods,
    node: () => node,
    namespace: () => undefined,
    allocationOf: (pod) => allocations.find(({ name }) => name === allocationName(pod)),
    limitRanges: () => [],
    quotas: () => [],
    runtimeHandler: (name) => handlers[name],
    autoscalersOf: () => ({ horizontal: [], vertical: [] }),
  };
}

/** A record of what a pod's container "app" declared, for tests. */
export function aRecord(pod: PodState, declaredCPURequest: string, declaredCPULimit: string): AllocationState {
  const one = { name: "app", declaredCPURequest, declaredCPULimit, desiredCPURequest: "10m", desiredCPULimit: "50m" };
  return toAllocationState({
    metadata: { uid: `record of ${pod.uid}`, namespace: pod.namespace, name: allocationName(pod) },
    spec: { namespace: pod.namespace, podName: pod.name, podUID: pod.uid, desiredCPURequest: "10m", containers: [one] },
  });
}

/** New pods have what they declare, and nobody is ruled, for tests. */
export const notSizing = { sizeNewPods: false, overbook: 4, policies: [] };

/** What a node is seen by in mode full, for tests. */
export function aSight(view: ClusterView, part: Partial<NodeSight> = {}): NodeSight {
  const settings = { mode: "full", limits: "ample", ...notSizing } as const;
  return {
    view,
    book: new MarketBook(defaultMarketPolicy),
    declared: new DeclaredMemory(part.settings ?? settings),
    settings,
    sights: new PodSights(),
    uses: new NodeUses(defaultMarketPolicy),
    reading: null,
    nowMs: 0,
    barred: () => null,
    ...part,
  };
}
