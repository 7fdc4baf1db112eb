import type { Placer } from "../schedule/placer.ts";
import { hasClaims, type SchedPod } from "../schedule/pod.ts";
import type { Holding, Room } from "../schedule/room.ts";
import type { Site } from "../schedule/site.ts";
import { Allowance } from "./budget.ts";
import { isCheaper, leastOn, type Spot, type Tenants } from "./least.ts";
import type { Nomination, Preempting, RoomMade } from "./nomination.ts";

/** As many nodes with room for a pod are compared as kube-scheduler compares at least. */
const mostSpots = 100;
/** Comparing nodes takes a while, and whoever leads has a Lease to renew: for others room is made in a later cycle. */
const mostSearches = 16;

export interface MakerParts {
  readonly site: Site;
  readonly placer: Placer;
  readonly preempting: Preempting;
}

/** Makes room for pods that have no place, by who is less important: nobody is evicted for one that would not fit after that. */
export class RoomMaker implements RoomMade {
  readonly made: (readonly Nomination[])[] = [];
  readonly kept = new Set<string>();
  readonly displaced: SchedPod[] = [];
  readonly #parts: MakerParts;
  readonly #made = new Set<string>();
  #searches = 0;
  readonly #allowance: Allowance;
  readonly #standing: ReadonlyMap<string, readonly Holding[]>;
  /** UIDs of those who are evicted, or are about to be. */
  readonly #going: Set<string>;
  readonly #nominated: Map<string, Nomination>;
  readonly #lowest: number;
  /** Up to which priority nobody makes room for pods that ask for the same. */
  readonly #vain = new Map<string, number>();

  constructor(parts: MakerParts) {
    const { site, preempting } = parts;
    this.#parts = parts;
    this.#nominated = new Map(preempting.nominations);
    const going = [...this.#nominated.values()].flatMap(({ victims }) => victims);
    this.#going = new Set(going.map(({ uid }) => uid));
    this.#allowance = new Allowance(preempting.budgets);
    const places = [...site.places.values()].filter(
      ({ pod }) => pod.ours && pod.node !== "" && !site.seats.has(pod.uid),
    );
    this.#allowance.spend(places.map(({ pod }) => pod).filter((pod) => this.#going.has(pod.uid) && !pod.terminating));
    const holdings = places.map(({ pod, node, devices }) => ({ node, holding: { pod, devices, share: null } }));
    const byNode = Map.groupBy(holdings, ({ node }) => node);
    this.#standing = new Map([...byNode].map(([node, its]) => [node, its.map(({ holding }) => holding)]));
    this.#lowest = Math.min(Infinity, ...places.map(({ pod }) => pod.priority));
  }

  /** Room for all of these, or for none. @returns what is said of it; null: there is none to be made */
  for(unit: readonly SchedPod[]): string | null {
    if (this.#waits(unit)) return this.#keep(unit);
    for (const pod of unit) {
      this.#nominated.delete(pod.uid);
      this.#parts.placer.release(pod);
    }
    const nominations = this.#search(unit);
    if (!nominations) return null;
    this.made.push(nominations);
    for (const { pod } of nominations) this.#made.add(pod.uid);
    return sentence(nominations);
  }

  #waits(unit: readonly SchedPod[]): boolean {
    return unit.some(({ uid }) => this.#nominated.has(uid) && this.#parts.preempting.waits(uid));
  }

  /** What was made holds until those who leave are gone, and their GPUs are seen to be free. */
  #keep(unit: readonly SchedPod[]): string {
    const nominations = unit.flatMap(({ uid }) => this.#nominated.get(uid) ?? []);
    for (const nomination of nominations) {
      this.#parts.placer.hold(nomination);
      this.kept.add(nomination.pod.uid);
    }
    return sentence(nominations);
  }

  #search(unit: readonly SchedPod[]): Nomination[] | null {
    const { placer, preempting } = this.#parts;
    if (!preempting.evicts || this.#searches >= mostSearches) return null;
    if (!unit.every((pod) => pod.preempts && pod.priority > this.#lowest && placer.isFree(pod))) return null;
    const found: { readonly nomination: Nomination; readonly spot: Spot }[] = [];
    for (const pod of unit) {
      const spot = this.#spotFor(pod, unit);
      if (!spot) {
        for (const one of found.toReversed()) this.#undo(one);
        return null;
      }
      const nomination = {
        pod,
        node: spot.node,
        devices: spot.devices,
        victims: spot.victims,
        by: "priority" as const,
      };
      found.push({ nomination, spot });
      this.#settle(nomination, spot);
    }
    this.displaced.push(...found.flatMap(({ spot }) => spot.displaced));
    return found.map(({ nomination }) => nomination);
  }

  #settle(nomination: Nomination, { victims, displaced }: Spot): void {
    const { placer } = this.#parts;
    for (const pod of displaced) placer.release(pod);
    for (const { uid } of displaced) this.#nominated.delete(uid);
    for (const { uid } of victims) this.#going.add(uid);
    this.#allowance.spend(victims);
    this.#nominated.set(nomination.pod.uid, nomination);
    placer.hold(nomination);
  }

  #undo({ nomination, spot }: { readonly nomination: Nomination; readonly spot: Spot }): void {
    const { placer, preempting } = this.#parts;
    placer.release(nomination.pod);
    this.#nominated.delete(nomination.pod.uid);
    this.#allowance.giveBack(spot.victims);
    for (const { uid } of spot.victims) this.#going.delete(uid);
    for (const { uid } of spot.displaced) {
      const before = preempting.nominations.get(uid);
      if (!before) continue;
      this.#nominated.set(uid, before);
      placer.hold(before);
    }
  }

  #spotFor(pod: SchedPod, unit: readonly SchedPod[]): Spot | null {
    const asked = unit.length === 1 ? JSON.stringify([pod.request, pod.ask, pod.constraints]) : null;
    if (asked !== null && (this.#vain.get(asked) ?? -Infinity) >= pod.priority) return null;
    const best = this.#cheapest(pod, new Set(unit.map(({ uid }) => uid)));
    if (!best && asked !== null) this.#vain.set(asked, pod.priority);
    return best;
  }

  #cheapest(pod: SchedPod, own: ReadonlySet<string>): Spot | null {
    this.#searches += 1;
    let best: Spot | null = null;
    let spots = 0;
    for (const room of this.#parts.placer.roomsFor(pod)) {
      const spot = leastOn(room, pod, this.#tenantsOf(room, pod, own));
      if (!spot) continue;
      if (!best || isCheaper(spot, best)) best = spot;
      spots += 1;
      if (spots >= mostSpots || this.#isLeast(best)) break;
    }
    return best;
  }

  /** Of a gang none yields alone, and nobody for whom others are asked to leave in this very cycle. */
  #yields({ pod }: Nomination): boolean {
    return pod.gang === null && this.#parts.preempting.nominations.has(pod.uid) && !this.#made.has(pod.uid);
  }

  #isLeast({ victims, displaced }: Spot): boolean {
    const [first, second] = victims;
    if (second || displaced.length > 0) return false;
    return first === undefined || (first.gang === null && first.priority === this.#lowest);
  }

  /** @param own UIDs of those that it is placed together with */
  #tenantsOf({ node }: Room, pod: SchedPod, own: ReadonlySet<string>): Tenants {
    const { placer, preempting } = this.#parts;
    const lower = (this.#standing.get(node.name) ?? []).filter((one) => one.pod.priority < pod.priority);
    const leaves = (one: Holding): boolean => one.pod.terminating || this.#going.has(one.pod.uid);
    // What a claim has does not come free with its pod, but when somebody takes the claim back.
    const stays = ({ pod: one }: Holding): boolean => hasClaims(one) || preempting.spared.has(one.uid);
    const others = lower.filter((one) => !leaves(one) && !stays(one));
    const cheapestFirst = others.map((one) => one.pod).toSorted((one, other) => one.priority - other.priority);
    const allowed = this.#allowance.within(cheapestFirst);
    const nominees = [...this.#nominated.values()].filter(
      (one) => one.node === node.name && one.pod.priority < pod.priority && this.#yields(one) && !own.has(one.pod.uid),
    );
    return {
      leaving: lower.filter(leaves),
      evictable: others.filter((one) => allowed.has(one.pod)),
      nominees: nominees.filter((one) => placer.holds(one.pod)).map((one) => ({ ...one, share: null })),
    };
  }
}

function sentence(nominations: readonly Nomination[]): string {
  const nodes = [...new Set(nominations.map(({ node }) => node))].join(", ");
  const count = nominations.reduce((sum, { victims }) => sum + victims.length, 0);
  return `Room is made for it on ${nodes}: ${count} pod(s) leave.`;
}
