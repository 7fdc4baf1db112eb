import type { Fleet } from "../fleet.ts";
import type { Shape } from "../mix.ts";
import type { GpuPod } from "../snapshot.ts";

/** A pod that stands somewhere. */
export interface Standing {
  readonly pod: GpuPod;
  readonly shape: Shape;
  /** Its index. */
  readonly node: number;
  readonly gpus: readonly number[];
  /** Somebody said that it stands here and nowhere else. */
  readonly fixed: boolean;
}

/** Who stands where. */
export class Tenants {
  readonly #fleet: Fleet;
  readonly #on = new Map<number, Set<Standing>>();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  on(node: number): readonly Standing[] {
    return [...(this.#on.get(node) ?? [])];
  }

  /** He is there already as far as the fleet is concerned. */
  add(standing: Standing): void {
    const others = this.#on.get(standing.node) ?? new Set();
    this.#on.set(standing.node, others.add(standing));
  }

  put(standing: Standing): void {
    this.#fleet.put(standing.node, standing.shape, standing.gpus);
    this.add(standing);
  }

  remove(standing: Standing): void {
    this.#fleet.remove(standing.node, standing.shape, standing.gpus);
    this.#on.get(standing.node)?.delete(standing);
  }
}
