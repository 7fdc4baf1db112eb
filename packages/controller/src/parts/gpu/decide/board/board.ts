import { instanceSlot, isInstance } from "../mig/slot.ts";
import type { Planner } from "../planner.ts";
import { isCheaper, leastOn, type Spot } from "../preempt/least.ts";
import type { SchedPod } from "../schedule/pod.ts";
import type { GpuPod, Placement } from "../snapshot.ts";
import { accepts } from "../states.ts";
import { roomOf, schedPodOf } from "./adapt.ts";

/** A pod that gave its place to a more important one. */
export interface Preempted {
  readonly pod: string;
  readonly by: string;
}

interface Standing {
  readonly pod: GpuPod;
  readonly sched: SchedPod;
  readonly place: Placement;
  /** A map put it there. */
  readonly fixed: boolean;
}

/** Who stands where, in a cluster of files: GPUs by the planner, MIG instances, and pods that give way to more important ones. */
export class Board {
  readonly #planner: Planner;
  readonly #standing = new Map<string, Standing>();
  /** Slots of instances that nobody has, by node. */
  readonly #free: Map<number, Set<number>>;
  readonly #indices: ReadonlyMap<string, number>;

  constructor(planner: Planner) {
    this.#planner = planner;
    const { nodes } = planner.fleet;
    this.#indices = new Map(nodes.map(({ name }, index) => [name, index]));
    this.#free = new Map(
      nodes.map(({ mig = [] }, index) => [index, new Set(mig.map(({ gpu, number }) => instanceSlot(gpu, number)))]),
    );
  }

  /** Where a pod stands; undefined: nowhere. */
  placeOf(name: string): Placement | undefined {
    return this.#standing.get(name)?.place;
  }

  /** A map has put it there, and the planner knows. */
  pinned(pod: GpuPod, place: Placement): void {
    this.keep(place);
    this.#stand(pod, place, true);
  }

  /** Instances of an entry, whose pod need not be there. */
  keep({ node, gpus }: Pick<Placement, "node" | "gpus">): void {
    const free = this.#free.get(this.#indexOf(node));
    for (const slot of gpus) free?.delete(slot);
  }

  /** null: it fits nowhere now. */
  place(pod: GpuPod): Placement | null {
    const place = pod.mig === undefined ? this.#planner.place(pod) : this.#instance(pod);
    if (place) this.#stand(pod, place, false);
    return place;
  }

  /** Has the less important give way. @returns those who have; null: it would fit nowhere though they did */
  makeRoom(pod: GpuPod): readonly Preempted[] | null {
    const { priority = 0, preempts = true } = pod;
    const lower = [...this.#standing.values()].filter((one) => !one.fixed && one.sched.priority < priority);
    if (!preempts || lower.length === 0) return null;
    const spot = this.#spotFor(pod, lower);
    if (!spot) return null;
    for (const { name } of spot.victims) this.#leave(name);
    this.#put(pod, { pod: pod.name, node: spot.node, gpus: spot.devices.map(Number).toSorted((a, b) => a - b) });
    return spot.victims.map((victim) => ({ pod: victim.name, by: pod.name }));
  }

  #spotFor(pod: GpuPod, lower: readonly Standing[]): Spot | null {
    const sched = schedPodOf(pod, 0);
    const all = Map.groupBy(this.#standing.values(), ({ place }) => place.node);
    let best: Spot | null = null;
    for (const node of new Set(lower.map(({ place }) => place.node))) {
      const gpuNode = this.#planner.fleet.nodes[this.#indexOf(node)];
      if (
        !gpuNode ||
        !accepts(gpuNode.model, { ...this.#planner.shapeOf(pod), gpus: pod.mig === undefined ? pod.gpus : 1 })
      )
        continue;
      const held = all.get(node) ?? [];
      const room = roomOf(gpuNode, held.map(holdingOf));
      const evictable = held.filter((one) => lower.includes(one)).map(holdingOf);
      const spot = leastOn(room, sched, { leaving: [], evictable, nominees: [] });
      if (spot && (!best || isCheaper(spot, best))) best = spot;
    }
    return best;
  }

  #instance(pod: GpuPod): Placement | null {
    const { fleet } = this.#planner;
    const shape = this.#planner.shapeOf(pod);
    const slotOn = (index: number): number | undefined => {
      const node = fleet.nodes[index];
      if (!node || !accepts(node.model, { ...shape, gpus: 1 })) return undefined;
      const its = (node.mig ?? []).filter(({ profile }) => profile === pod.mig);
      return its.map(({ gpu, number }) => instanceSlot(gpu, number)).find((slot) => this.#free.get(index)?.has(slot));
    };
    const choice = this.#planner.choose(pod, (index) => slotOn(index) !== undefined);
    const slot = choice ? slotOn(choice.node) : undefined;
    if (!choice || slot === undefined) return null;
    const place = { pod: pod.name, node: fleet.nodes[choice.node]?.name ?? "", gpus: [slot] };
    this.#planner.assume(pod, choice.node, []);
    this.keep(place);
    return place;
  }

  #put(pod: GpuPod, place: Placement): void {
    this.#planner.assume(
      pod,
      this.#indexOf(place.node),
      place.gpus.filter((slot) => !isInstance(slot)),
    );
    this.keep(place);
    this.#stand(pod, place, false);
  }

  #leave(name: string): void {
    const standing = this.#standing.get(name);
    if (!standing) return;
    const { pod, place } = standing;
    const node = this.#indexOf(place.node);
    const gpus = place.gpus.filter((slot) => !isInstance(slot));
    this.#planner.fleet.remove(node, this.#planner.shapeOf(pod), gpus);
    for (const slot of place.gpus) if (isInstance(slot)) this.#free.get(node)?.add(slot);
    this.#standing.delete(name);
  }

  #stand(pod: GpuPod, place: Placement, fixed: boolean): void {
    this.#standing.set(pod.name, { pod, sched: schedPodOf(pod, this.#standing.size), place, fixed });
  }

  #indexOf(node: string): number {
    return this.#indices.get(node) ?? -1;
  }
}

function holdingOf({ sched, place }: Standing): { pod: SchedPod; devices: readonly string[]; share: null } {
  return { pod: sched, devices: place.gpus.map(String), share: null };
}
