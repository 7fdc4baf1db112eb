import type { KubeObject } from "../apiserver/index.ts";
import { asMap, asText, type JsonMap, mapsOf } from "../apiserver/objects/model.ts";
import { countedFor, type PodResources, type Requests, resourcesOfStatus, viewOf } from "../node/podView.ts";

/** What pods count for on each node, kept up to date change by change. */
export class NodeAccounts {
  readonly #byNode = new Map<string, Requests & { pods: number }>();
  readonly #byPod = new Map<string, { readonly node: string; readonly requests: Requests }>();

  /** The requests and the number of a node's pods. */
  heldOn(node: string): Requests & { readonly pods: number } {
    return this.#byNode.get(node) ?? nothing;
  }

  /** A pod is there or has changed; it counts where it is bound and not over. */
  set(pod: KubeObject, node = asText(pod.spec?.["nodeName"])): void {
    const uid = pod.metadata.uid ?? "";
    this.delete(uid);
    const phase = asText(pod.status?.["phase"]);
    if (node === "" || phase === "Succeeded" || phase === "Failed") return;
    const requests = countedRequests(pod);
    this.#byPod.set(uid, { node, requests });
    this.#add(node, requests, 1);
  }

  delete(uid: string): void {
    const counted = this.#byPod.get(uid);
    if (!counted) return;
    this.#byPod.delete(uid);
    this.#add(counted.node, counted.requests, -1);
  }

  #add(node: string, { cpu, memory }: Requests, sign: 1 | -1): void {
    const held = this.heldOn(node);
    this.#byNode.set(node, {
      cpu: held.cpu + sign * cpu,
      memory: held.memory + sign * memory,
      pods: held.pods + sign,
    });
  }
}

const nothing = { cpu: 0, memory: 0, pods: 0 };

/**
 * What the scheduler counts for a pod: the largest of desired, allocated and
 * actual, container by container; a desire that is infeasible does not count
 * (KEP-1287).
 */
export function countedRequests(pod: KubeObject): Requests {
  const view = viewOf(pod);
  const desired = view.resources;
  const statuses = [...mapsOf(pod.status?.["containerStatuses"]), ...mapsOf(pod.status?.["initContainerStatuses"])];
  if (statuses.length === 0) return countedFor(view, desired);
  const held = [
    statesOf(statuses, (status) => asMap(status["allocatedResources"])),
    statesOf(statuses, actualRequests),
  ];
  return isInfeasible(pod) ? countedFor(view, ...held) : countedFor(view, desired, ...held);
}

function statesOf(statuses: readonly JsonMap[], requests: (status: JsonMap) => JsonMap): PodResources {
  return new Map(statuses.map((status) => [asText(status["name"]), resourcesOfStatus(requests(status))]));
}

function actualRequests(status: JsonMap): JsonMap {
  return asMap(asMap(status["resources"])["requests"]);
}

function isInfeasible(pod: KubeObject): boolean {
  return mapsOf(pod.status?.["conditions"]).some(
    ({ type, reason }) => type === "PodResizePending" && reason === "Infeasible",
  );
}
