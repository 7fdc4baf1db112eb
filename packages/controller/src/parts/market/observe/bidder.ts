import type { ContainerState } from "../../../base/cluster/pod.ts";
import type { ContainerBidder, PodBidder } from "../decide/snapshot.ts";
import { isKept } from "./autoscalers.ts";
import { beforeSizing } from "./creation.ts";
import type { Declared } from "./allocation.ts";
import { isSizable, mustStayBelowLimit } from "./eligibility.ts";
import type { ManagedPod, PodSight } from "./managed.ts";

/** A managed pod as the decision sees it. */
export function bidder(
  managed: ManagedPod,
  { view, book, settings }: Pick<PodSight, "view" | "book" | "settings">,
): PodBidder {
  const { pod, policy, mode, limits } = managed;
  const sized = beforeSizing(pod, settings).requests;
  return {
    uid: pod.uid,
    weight: policy.weight,
    minMilli: policy.minMilli,
    maxMilli: policy.maxMilli,
    credit: book.credit(pod.uid) ?? recordedCredit(pod, view),
    qos: pod.qos === "Guaranteed" ? "Guaranteed" : "Burstable",
    keepBelowLimit: mustStayBelowLimit(pod),
    requestsOnly: mode === "requests",
    limits,
    ready: pod.ready,
    containers: pod.containers.filter(isSizable).map((container) => {
      const bid = containerBidder(container, managed, book);
      // Who was sized when it was created was placed by that, and asks for more once it is known to need it.
      return sized.has(container.name) ? { ...bid, beginsMilli: bid.requestMilli } : bid;
    }),
  };
}

/** For a pod not seen since the controller started. */
function recordedCredit(pod: ManagedPod["pod"], view: PodSight["view"]): number {
  const record = view.allocationOf(pod);
  return record?.podUid === pod.uid ? record.credit * 1000 : 0;
}

const undeclared: Declared = { requestMilli: 0, limitMilli: null };

function containerBidder(
  container: ContainerState,
  { pod, declared, kept }: ManagedPod,
  book: PodSight["book"],
): ContainerBidder {
  const { name, desired, actual, allocatedMilli, containerId } = container;
  const origin = declared.get(name) ?? undeclared;
  return {
    name,
    requestMilli: allocatedMilli ?? desired.requestMilli ?? 0,
    limitMilli: desired.limitMilli === null ? null : (actual?.limitMilli ?? desired.limitMilli),
    declaredRequestMilli: origin.requestMilli,
    declaredLimitMilli: origin.limitMilli,
    habitMilli: book.habits.requestMilli(pod, container, origin.requestMilli),
    keepsRequest: isKept(name, kept),
    rationed: book.isRationed(pod.uid, name),
    demand: book.now(containerId),
    sinceMs: book.sinceMs(containerId),
  };
}
