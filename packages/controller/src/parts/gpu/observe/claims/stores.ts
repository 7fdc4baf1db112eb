import { isDeepStrictEqual } from "node:util";

import type { Clock } from "@walras/kit";
import { resources, type Store, type StoreChange } from "@walras/kube";

import type { ClusterScope } from "../../../../base/cluster/cluster.ts";
import type { ClaimWorld } from "../../decide/claims/book.ts";
import type { Claim, DeviceClass, PublishedDevice } from "../../decide/claims/claim.ts";
import { toClaim, toDeviceClass } from "./claim.ts";
import { type Slice, toSlice } from "./slice.ts";

const nobody: ReadonlySet<string> = new Set();

/** What is known of DRA. Where it is not served nothing is, and that is no fault. */
export class ClaimStores implements ClaimWorld {
  readonly claims: Store<Claim>;
  readonly slices: Store<Slice>;
  readonly classes: Store<DeviceClass>;
  readonly #clock: Clock;
  readonly #holders = new Map<string, Set<string>>();
  /** By the UID of a claim: since when it has, or has had, a device together with another one. */
  readonly #contested = new Map<string, number>();
  /** Of each device: since when it is published, or has been free again. */
  #freeSinceMs = new Map<string, number>();
  #published: Published | null = null;

  constructor(scope: ClusterScope, clock: Clock) {
    this.#clock = clock;
    this.claims = scope.followIfServed({ resource: resources.resourceClaim, transform: toClaim });
    this.slices = scope.followIfServed({ resource: resources.resourceSlice, transform: toSlice });
    this.classes = scope.followIfServed({ resource: resources.deviceClass, transform: toDeviceClass });
    this.claims.onChange((change) => this.#index(change));
    this.slices.onChange(() => {
      this.#published = null;
    });
  }

  devicesOn(node: string): readonly PublishedDevice[] {
    return this.#devices().byNode.get(node) ?? [];
  }

  device(id: string): PublishedDevice | undefined {
    return this.#devices().byId.get(id);
  }

  claim(namespace: string, name: string): Claim | undefined {
    return this.claims.named(namespace, name);
  }

  deviceClass(name: string): DeviceClass | undefined {
    return this.classes.named("", name);
  }

  holdersOf(id: string): ReadonlySet<string> {
    return this.#holders.get(id) ?? nobody;
  }

  isContested(uid: string): boolean {
    return this.#contested.has(uid);
  }

  /** Monotonic milliseconds; null: it never did since it was allocated. */
  contestedSinceMs(uid: string): number | null {
    return this.#contested.get(uid) ?? null;
  }

  freeSinceMs(id: string): number {
    return this.#freeSinceMs.get(id) ?? this.#clock.monotonicMs();
  }

  /** UUIDs of all that are published of a node, whether the pool is whole or not. */
  publishedOn(node: string): readonly string[] {
    return this.#devices().uuids.get(node) ?? [];
  }

  #index(change: StoreChange<Claim>): void {
    const { type, item } = change;
    if (type === "updated" && isDeepStrictEqual(change.previous.allocation, item.allocation)) return;
    if (type === "updated") this.#forget(change.previous);
    if (type === "deleted") this.#forget(item);
    else for (const id of item.allocation?.devices ?? []) this.#enter(id, item.uid);
  }

  #enter(id: string, uid: string): void {
    const holders = (this.#holders.get(id) ?? new Set<string>()).add(uid);
    this.#holders.set(id, holders);
    if (holders.size < 2) return;
    const nowMs = this.#clock.monotonicMs();
    for (const holder of holders) this.#contested.set(holder, this.#contested.get(holder) ?? nowMs);
  }

  #forget({ uid, allocation }: Claim): void {
    this.#contested.delete(uid);
    for (const id of allocation?.devices ?? []) {
      const holders = this.#holders.get(id);
      holders?.delete(uid);
      if (holders?.size !== 0) continue;
      this.#holders.delete(id);
      this.#freeSinceMs.set(id, this.#clock.monotonicMs());
    }
  }

  #devices(): Published {
    this.#published ??= this.#publish();
    return this.#published;
  }

  #publish(): Published {
    const published = publishedBy([...this.slices.values()]);
    const nowMs = this.#clock.monotonicMs();
    const ids = [...published.byId.keys()];
    this.#freeSinceMs = new Map(ids.map((id) => [id, this.#freeSinceMs.get(id) ?? nowMs]));
    return published;
  }
}

interface Published {
  readonly byNode: ReadonlyMap<string, readonly PublishedDevice[]>;
  readonly byId: ReadonlyMap<string, PublishedDevice>;
  readonly uuids: ReadonlyMap<string, readonly string[]>;
}

/** Of each pool the newest generation, once all of its slices are there: until then nobody knows what it has. */
function publishedBy(slices: readonly Slice[]): Published {
  const whole = [...Map.groupBy(slices, ({ pool }) => pool).values()].flatMap((pool) => {
    const generation = Math.max(...pool.map((slice) => slice.generation));
    const newest = pool.filter((slice) => slice.generation === generation);
    return newest.every((slice) => slice.slices === newest.length) ? newest : [];
  });
  const devices = whole.toSorted((one, other) => (one.name < other.name ? -1 : 1)).flatMap((slice) => slice.devices);
  const all = Map.groupBy(
    slices.flatMap((slice) => slice.devices),
    ({ node }) => node,
  );
  return {
    byNode: Map.groupBy(devices, ({ node }) => node),
    byId: new Map(devices.map((device) => [device.id, device])),
    uuids: new Map([...all].map(([node, its]) => [node, [...new Set(its.flatMap(({ uuids }) => uuids))]])),
  };
}
