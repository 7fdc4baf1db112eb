import type { Planner } from "../planner.ts";
import type { GpuPod, Placement } from "../snapshot.ts";
import { type Standing, Tenants } from "./standing.ts";
import { victimsOn } from "./victims.ts";

/** One pod goes from its GPUs to others. */
export interface PodMove {
  readonly pod: string;
  readonly from: Omit<Placement, "pod">;
  readonly to: Omit<Placement, "pod">;
}

/** One pod that gets a place, and those who move for it. */
export interface Admission {
  readonly placed: Placement;
  readonly moves: readonly PodMove[];
}

export interface Defragmentation {
  /** The same as `placed` and `moves`, by the pod that gets its place by them. */
  readonly admissions: readonly Admission[];
  /** In this order each finds its new place free. */
  readonly moves: readonly PodMove[];
  /** Pods that had no place, and have one after the moves. */
  readonly placed: readonly Placement[];
}

export interface DefragmentRequest {
  /** Everybody in `standing` is in its fleet. */
  readonly planner: Planner;
  readonly standing: readonly Standing[];
  readonly waiting: readonly GpuPod[];
  readonly mostMoves: number;
  /** Whether a pod may run on the node with this index, whatever room there is; all may where not given. */
  readonly allows?: (pod: GpuPod, node: number) => boolean;
}

/** More pods than this do not move for one: what it costs them is more than what it gains. */
const mostVictims = 16;

/**
 * Moves a few pods so that those that wait have room: first whoever needs one move, the largest first, then whoever needs two, and
 * so on. Which pods go is chosen node by node (see {@link victimsOn}); the plan is short, and not proven to be the shortest.
 */
export function defragment({
  planner,
  standing,
  waiting,
  mostMoves,
  allows = () => true,
}: DefragmentRequest): Defragmentation {
  const search = new Search(planner, standing, allows);
  const left = new Set(waiting.toSorted((one, other) => other.gpus * other.gpuMilli - one.gpus * one.gpuMilli));
  for (let victims = 0; victims <= Math.min(mostVictims, mostMoves); victims += 1) {
    const vain = new Set<number>();
    for (const pod of left) {
      if (search.moves.length + victims > mostMoves) break;
      const { id } = planner.shapeOf(pod);
      if (vain.has(id)) continue;
      if (search.admit(pod, victims)) left.delete(pod);
      else vain.add(id);
    }
  }
  const { admissions, moves } = search;
  return { admissions, moves, placed: admissions.map(({ placed }) => placed) };
}

class Search {
  readonly admissions: Admission[] = [];
  readonly moves: PodMove[] = [];
  readonly #planner: Planner;
  readonly #tenants: Tenants;
  readonly #allows: NonNullable<DefragmentRequest["allows"]>;

  constructor(planner: Planner, standing: readonly Standing[], allows: NonNullable<DefragmentRequest["allows"]>) {
    this.#planner = planner;
    this.#allows = allows;
    this.#tenants = new Tenants(planner.fleet);
    for (const one of standing) this.#tenants.add(one);
  }

  /** Finds room for a pod by exactly so many moves. */
  admit(pod: GpuPod, victims: number): boolean {
    if (victims === 0) return this.#fill(pod);
    const { fleet } = this.#planner;
    const shape = this.#planner.shapeOf(pod);
    return fleet.nodes.some((_node, index) => {
      if (!this.#allows(pod, index)) return false;
      const site = { state: fleet.stateOf(index), freeMilli: fleet.freeMilli(index), tenants: this.#tenants.on(index) };
      const leaving = victimsOn(site, shape);
      return leaving?.length === victims && this.#exchange(pod, index, leaving);
    });
  }

  #fill(pod: GpuPod): boolean {
    const found = this.#settle(pod);
    if (found) this.admissions.push({ placed: { pod: pod.name, ...this.#placeOf(found) }, moves: [] });
    return found !== null;
  }

  /** All of it, or nothing. */
  #exchange(pod: GpuPod, node: number, leaving: readonly Standing[]): boolean {
    for (const one of leaving) this.#tenants.remove(one);
    const arrived = this.#take(pod, node);
    const settled = arrived && this.#settleAll(leaving);
    if (settled) {
      this.#tell(arrived, leaving, settled);
      return true;
    }
    if (arrived) this.#tenants.remove(arrived);
    for (const one of leaving) this.#tenants.put(one);
    return false;
  }

  #settleAll(leaving: readonly Standing[]): Standing[] | null {
    const settled: Standing[] = [];
    for (const { pod } of leaving) {
      const found = this.#settle(pod);
      if (found) settled.push(found);
      if (found && !collides(found, leaving)) continue;
      for (const one of settled) this.#tenants.remove(one);
      return null;
    }
    return settled;
  }

  #tell(arrived: Standing, leaving: readonly Standing[], settled: readonly Standing[]): void {
    const moves = settled.flatMap((to, index): PodMove[] => {
      const from = leaving[index];
      return from ? [{ pod: to.pod.name, from: this.#placeOf(from), to: this.#placeOf(to) }] : [];
    });
    this.admissions.push({ placed: { pod: arrived.pod.name, ...this.#placeOf(arrived) }, moves });
    this.moves.push(...moves);
  }

  /** The tightest place on a node. */
  #take(pod: GpuPod, node: number): Standing | null {
    const { fleet } = this.#planner;
    const shape = this.#planner.shapeOf(pod);
    const [move] = fleet.states.moves(fleet.stateOf(node), shape);
    if (!move) return null;
    const standing = { pod, shape, node, gpus: fleet.gpusFor(node, shape, move.takenFrom), fixed: true };
    this.#tenants.put(standing);
    return standing;
  }

  /** Where it costs least, anywhere. Nobody moves twice. */
  #settle(pod: GpuPod): Standing | null {
    const choice = this.#planner.choose(pod, (node) => this.#allows(pod, node));
    if (!choice) return null;
    const standing = { pod, shape: this.#planner.shapeOf(pod), fixed: true, ...choice };
    this.#tenants.put(standing);
    return standing;
  }

  #placeOf({ node, gpus }: Standing): Omit<Placement, "pod"> {
    return { node: this.#planner.fleet.nodes[node]?.name ?? "", gpus };
  }
}

/** Whether its new place is not free before the others have left. */
function collides({ node, gpus }: Standing, leaving: readonly Standing[]): boolean {
  return leaving.some(
    (one) => one.node === node && (one.gpus.length === 0 || one.gpus.some((gpu) => gpus.includes(gpu))),
  );
}
