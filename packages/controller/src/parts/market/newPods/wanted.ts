import type { ContainerCreation, CreationProfileSpec } from "@walras/api";
import type { Clock } from "@walras/kit";

import { actsOn } from "../../../base/cluster/vertical.ts";
import type { Workload } from "../../../base/cluster/workload.ts";
import type { Autoscalers } from "../observe/autoscalers.ts";
import { type LimitRangeState, tightest } from "../observe/limitRange.ts";
import type { RememberPolicy } from "../remember/policy.ts";
import type { RememberedWorkload } from "../remember/workloads.ts";
import { containerCreation, creationSpec, type KnownWorkload } from "./creation.ts";

/** What forbids to size new pods, and what bounds it. */
export interface NewPodsView {
  isThere(namespace: string): boolean;
  limitRanges(namespace: string): readonly LimitRangeState[];
  autoscalersOf(namespace: string, workload: Workload): Autoscalers;
}

type RecentMinutes = ReadonlyMap<RememberedWorkload, ReadonlyMap<string, number>>;

/** What new pods are to be sized by, by namespace; namespaces in which nobody is are left out. */
export function wantedCreations(
  workloads: Iterable<RememberedWorkload>,
  recent: RecentMinutes,
  view: NewPodsView,
  { policy, clock }: { readonly policy: RememberPolicy; readonly clock: Clock },
): ReadonlyMap<string, CreationProfileSpec> {
  const nowMs = clock.wallMs();
  const known = new Map<string, KnownWorkload[]>();
  for (const one of workloads) {
    const { namespace, workload, seenMs } = one;
    if (workload === null || !view.isThere(namespace)) continue;
    const containers = containersOf(one, view.autoscalersOf(namespace, workload), (name, history) =>
      containerCreation(history, recent.get(one)?.get(name) ?? 0, nowMs, policy),
    );
    const beside = known.get(namespace) ?? [];
    beside.push({ ...workload, seenMs, containers });
    known.set(namespace, beside);
  }
  const wanted = new Map<string, CreationProfileSpec>();
  for (const [namespace, all] of known) {
    const spec = specOf(all, view.limitRanges(namespace), nowMs, policy);
    if (spec) wanted.set(namespace, spec);
  }
  return wanted;
}

type Histories = RememberedWorkload["containers"];
type Creation = (name: string, history: NonNullable<ReturnType<Histories["get"]>>) => ContainerCreation | null;

/** Without those whose request somebody divides by; none where somebody else sizes the pods. */
function containersOf(
  { containers }: RememberedWorkload,
  { horizontal, vertical }: Autoscalers,
  creationOf: Creation,
): ReadonlyMap<string, ContainerCreation> {
  const found = new Map<string, ContainerCreation>();
  if (vertical.some((one) => [...containers.keys()].some((name) => actsOn(one, name)))) return found;
  for (const [name, history] of containers) {
    const isKept = horizontal.some((one) => one.containers?.includes(name) ?? true);
    const creation = isKept ? null : creationOf(name, history);
    if (creation) found.set(name, creation);
  }
  return found;
}

/** What LimitRanges ask of whole pods is not reckoned with at creation: nobody is sized there, so that nobody is refused. */
function specOf(
  workloads: readonly KnownWorkload[],
  ranges: readonly LimitRangeState[],
  nowMs: number,
  policy: RememberPolicy,
): CreationProfileSpec | null {
  const ofPods = tightest(ranges.map(({ pod }) => pod));
  if (ofPods.minMilli > 0 || ofPods.maxRatio < Infinity) return null;
  return creationSpec(workloads, tightest(ranges.map(({ container }) => container)), nowMs, policy);
}
