import { type Asking, type Room } from "../schedule/room.ts";
import { isRipe, noRivals, type Rivalry } from "./rivals.ts";
import { type Claim, claimKey, type DeviceClass, devicesOf, type Grant, type PublishedDevice } from "./claim.ts";

/** What is known of DRA in the cluster. */
export interface ClaimWorld {
  /** Devices of whole pools, by node. */
  devicesOn(node: string): readonly PublishedDevice[];
  /** By id. */
  device(id: string): PublishedDevice | undefined;
  claim(namespace: string, name: string): Claim | undefined;
  deviceClass(name: string): DeviceClass | undefined;
  /** UIDs of the claims that have a device by what the API server tells. */
  holdersOf(id: string): ReadonlySet<string>;
  /** Whether a claim, by its UID, has had a device together with another one since it was allocated. */
  isContested(uid: string): boolean;
  /** Since when it has been known that no claim has it, monotonic milliseconds. */
  freeSinceMs(id: string): number;
}

/** Who has which device: by what is written, and by what is decided. */
export class ClaimBook {
  readonly world: ClaimWorld;
  readonly rivalry: Rivalry;
  /** By device: UIDs of claims that are going to have it. */
  readonly #decided = new Map<string, Set<string>>();
  /** UIDs of claims of which another pod's decision is not written yet. */
  readonly #underway = new Set<string>();

  /** @param decided of other pods: devices by the UID of the claim */
  constructor(
    world: ClaimWorld,
    decided: Iterable<ReadonlyMap<string, readonly string[]>>,
    rivalry: Rivalry = noRivals,
  ) {
    this.world = world;
    this.rivalry = rivalry;
    for (const claims of decided) for (const [uid, ids] of claims) this.#take(uid, ids);
  }

  /** Whether no claim has it but perhaps this one. */
  isFree(id: string, claimUid = ""): boolean {
    return isOnly(this.world.holdersOf(id), claimUid) && isOnly(this.#decided.get(id), claimUid);
  }

  /** Whether it can be given now. */
  isToGive(id: string): boolean {
    return !this.rivalry.undecided && this.isFree(id) && isRipe(this.world.freeSinceMs(id), this.rivalry);
  }

  isUnderway(claimUid: string): boolean {
    return this.#underway.has(claimUid);
  }

  take(grants: readonly Grant[]): void {
    for (const grant of grants) this.#take(grant.claim.uid, devicesOf(grant));
  }

  give(grants: readonly Grant[]): void {
    for (const grant of grants) {
      this.#underway.delete(grant.claim.uid);
      for (const id of devicesOf(grant)) this.#decided.get(id)?.delete(grant.claim.uid);
    }
  }

  /** Another claim that has a device of this one as well; null: none does. */
  conflictOf({ uid, allocation }: Pick<Claim, "uid" | "allocation">): string | null {
    const twice = allocation?.devices.find((id) => !this.isFree(id, uid));
    return twice === undefined ? null : `device ${twice} is allocated to another claim as well`;
  }

  /** Why what was decided cannot be any more; null: it can. */
  lackOf(grants: readonly Grant[]): string | null {
    for (const { claim, granted } of grants) {
      const now = this.world.claim(claim.namespace, claim.name);
      if (now?.uid !== claim.uid || now.deleting) return `ResourceClaim ${claimKey(claim)} is gone`;
      const gone = granted?.find(({ device }) => this.world.device(device.id) === undefined);
      if (gone) return `device ${gone.device.id} is not published any more`;
      const taken = granted?.find(({ device }) => !this.isFree(device.id, claim.uid));
      if (taken) return `device ${taken.device.id} has been allocated to another claim`;
    }
    return null;
  }

  #take(uid: string, ids: readonly string[]): void {
    this.#underway.add(uid);
    for (const id of ids) this.#decided.set(id, (this.#decided.get(id) ?? new Set<string>()).add(uid));
  }
}

/** Where no agent tells of a node's GPUs, its driver is the one who says which there are. */
export function claimedGpuLack(room: Room, uuids: readonly string[], asking: Asking): string | null {
  if (room.ambiguous) return "node(s) had GPUs both of a device plugin and of a driver of DRA";
  return room.known ? room.gpuLackOf(uuids, asking) : null;
}

function isOnly(uids: ReadonlySet<string> | undefined, uid: string): boolean {
  return uids === undefined || uids.size === 0 || (uids.size === 1 && uids.has(uid));
}
