import { leastGapMilli } from "./requests.ts";
import type { ContainerBidder, PodBidder, Target } from "./snapshot.ts";

/** What is promised already to containers whose requests are kept: it is not for sale. */
export function keptMilli(bids: readonly { readonly container: ContainerBidder }[]): number {
  return bids.reduce((sum, { container }) => sum + (isKept(container) ? container.declaredRequestMilli : 0), 0);
}

/** The same targets, with the requests that are not the market's to change as they were declared. */
export function withKeptRequests(targets: readonly Target[], pods: readonly PodBidder[]): readonly Target[] {
  const keepers = pods.filter(({ containers }) => containers.some(isKept));
  if (keepers.length === 0) return targets;
  const keeping = new Map(keepers.map((pod) => [pod.uid, pod]));
  return targets.map((target) => {
    const pod = keeping.get(target.podUid);
    const container = pod?.containers.find(({ name }) => name === target.container);
    return pod && container && isKept(container) ? withKept(target, pod, container) : target;
  });
}

function isKept({ keepsRequest }: ContainerBidder): boolean {
  return keepsRequest === true;
}

/** The limit goes its own way above the request, but for a Guaranteed pod, whose limit is its request. */
function withKept(target: Target, pod: PodBidder, { declaredRequestMilli }: ContainerBidder): Target {
  // What is held for want of telemetry shrinks in nothing.
  const requestMilli =
    target.binding === "Held" ? Math.max(target.requestMilli, declaredRequestMilli) : declaredRequestMilli;
  const least = requestMilli + leastGapMilli(pod);
  const limitMilli = pod.qos === "Guaranteed" ? requestMilli : Math.max(least, target.limitMilli ?? 0);
  return { ...target, requestMilli, limitMilli: target.limitMilli === null ? null : limitMilli, requestKept: true };
}
