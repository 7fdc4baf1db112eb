import { isDeepStrictEqual } from "node:util";

import { gpuSchedulingMapResource } from "@walras/api";
import type { Clock } from "@walras/kit";
import { resources, type Store, type StoreChange } from "@walras/kube";

import type { ClusterScope } from "../../../../base/cluster/cluster.ts";
import type { Claim } from "../../decide/claims/claim.ts";
import { isUndecided, type Rivalry, rivalsAmong } from "../../decide/claims/rivals.ts";
import type { Devices, SchedNode } from "../../decide/schedule/node.ts";
import type { SchedPod } from "../../decide/schedule/pod.ts";
import type { Budget } from "../../decide/preempt/budget.ts";
import type { SchedWorld } from "../../decide/schedule/site.ts";
import { toBudget } from "./budget.ts";
import { ClaimStores } from "../claims/stores.ts";
import { annotatedMaps, type MapObject, toMapObject } from "./map.ts";
import { toSchedNode } from "./node.ts";
import { toSchedPod } from "./pod.ts";

/** What a change may mean for those who wait. */
export interface Stirred {
  /** Somebody who waits may have a place by it. */
  readonly wakes: boolean;
  /** Some map, or who it is for, is another. */
  readonly maps: boolean;
  /** Somebody may be placed now: it is not to wait for the next look. */
  readonly urgent: boolean;
}

/** Under which those of ours are that are bound to no node. */
const unbound = "";
/** Under which pods of others are that wait with claims; no node is called so. */
const rivals = "others with claims";

/** Nodes, pods and maps as far as scheduling is concerned. */
export class GpuStores {
  readonly nodes: Store<SchedNode>;
  readonly pods: Store<SchedPod>;
  /** Where the kind is not served there are none, and that is no fault. */
  readonly maps: Store<MapObject>;
  /** Of all pods. */
  readonly budgets: Store<Budget>;
  readonly claims: ClaimStores;
  readonly #clock: Clock;

  constructor(scope: ClusterScope, schedulerName: string, clock: Clock) {
    this.#clock = clock;
    this.nodes = scope.follow({ resource: resources.node, transform: toSchedNode });
    this.pods = scope.follow({
      resource: resources.pod,
      transform: (raw) => toSchedPod(raw, schedulerName),
      groupOf: ({ node, ours, claims }) => (node !== "" || ours ? node : claims.length > 0 ? rivals : undefined),
    });
    this.budgets = scope.followIfServed({ resource: resources.podDisruptionBudget, transform: toBudget });
    this.maps = scope.followIfServed({ resource: gpuSchedulingMapResource, transform: toMapObject });
    this.claims = new ClaimStores(scope, clock);
  }

  /** With what drivers of DRA publish of it. */
  node(name: string): SchedNode | undefined {
    const node = this.nodes.named("", name);
    return node && { ...node, published: this.claims.publishedOn(name) };
  }

  /** Pods of other schedulers that wait, and whose claims have nothing yet. */
  rivals(): SchedPod[] {
    return rivalsAmong(this.pods.group(rivals), (namespace, name) => this.claims.claim(namespace, name));
  }

  /** Pods of ours that are to be placed, gated ones too. */
  waiting(): SchedPod[] {
    return this.pods.group(unbound).filter(({ terminating, ended }) => !terminating && !ended);
  }

  world(devices: Devices, taken: Pick<SchedWorld, "assumed" | "nominated">): SchedWorld {
    const nodes = [...this.nodes.values()]
      .map((node) => ({ ...node, published: this.claims.publishedOn(node.name) }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const objects = [...this.maps.values()];
    const maps = [...objects, ...annotatedMaps(this.pods.values(), objects)];
    return {
      nodes,
      devices,
      pods: [...this.pods.values()],
      maps,
      ...taken,
      claims: this.claims,
      rivalry: this.rivalry(),
    };
  }

  rivalry(): Rivalry {
    const all = this.rivals();
    return {
      undecided: all.some((pod) => isUndecided(pod, this.#clock.wallMs())),
      waits: all.length > 0,
      nowMs: this.#clock.monotonicMs(),
    };
  }

  /** Whether others than it is reserved for wait for this claim to be allocated. */
  #serves({ type, item }: StoreChange<Claim>): boolean {
    if (type !== "updated" || item.allocation === null) return false;
    return this.waiting().some(
      ({ namespace, claims, uid }) =>
        namespace === item.namespace && claims.includes(item.name) && !item.reservedFor.some((one) => one.uid === uid),
    );
  }

  /** Tells of each change that matters here. */
  onStirred(listener: (stirred: Stirred) => void): void {
    const tell = (stirred: Stirred | null): void => (stirred ? listener(stirred) : undefined);
    this.pods.onChange((change) => tell(ofPod(change)));
    this.nodes.onChange((change) => tell(isNews(change) ? stirs : null));
    this.maps.onChange((change) => tell(ofMap(change)));
    this.claims.claims.onChange((change) => tell(frees(change) || this.#serves(change) ? stirs : null));
    this.claims.slices.onChange((change) => tell(isNews(change) ? stirs : null));
    this.claims.classes.onChange((change) => tell(isNews(change) ? stirs : null));
  }
}

const stirs: Stirred = { wakes: true, maps: true, urgent: true };

function ofPod(change: StoreChange<SchedPod>): Stirred | null {
  const { item } = change;
  if (change.type === "deleted") return { ...stirs, maps: item.ours };
  if (change.type === "added") return item.ours ? { ...stirs, wakes: item.gang !== null } : null;
  if (item.ended !== change.previous.ended) return { ...stirs, maps: item.ours };
  if (!item.ours) return null;
  if (item.node !== "") return isNews(change) ? { wakes: false, maps: false, urgent: false } : null;
  const { version: _new, unscheduled: _told, ...now } = item;
  const { version: _old, unscheduled: _said, ...before } = change.previous;
  return isDeepStrictEqual(now, before) ? null : stirs;
}

/** Somebody may have waited for this claim, or for what it had. */
function frees(change: StoreChange<Claim>): boolean {
  if (change.type !== "updated") return change.type === "added" || change.item.allocation !== null;
  return change.previous.allocation !== null && change.item.allocation === null;
}

/** Its status is ours to write. */
function ofMap(change: StoreChange<MapObject>): Stirred | null {
  const same = change.type === "updated" && change.previous.generation === change.item.generation;
  return same ? null : stirs;
}

function isNews<Item>(change: StoreChange<Item>): boolean {
  return change.type !== "updated" || !isDeepStrictEqual(change.item, change.previous);
}
