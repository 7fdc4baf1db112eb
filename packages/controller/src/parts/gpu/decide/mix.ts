import type { GpuPod } from "./snapshot.ts";

/** What pods that ask for the same have in common. */
export interface Shape {
  /** From 0, in the order in which they were first seen. */
  readonly id: number;
  readonly cpuMilli: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  readonly gpuMilli: number;
  /** Of all its GPUs together. */
  readonly totalMilli: number;
  readonly models: readonly string[];
}

/** A shape, and how large a part of the pods has it. */
export interface Weighted {
  readonly shape: Shape;
  readonly weight: number;
}

/** Which shapes arrive, and how often: all that is known of what will arrive next. */
export class Mix {
  readonly #shapes = new Map<string, Shape>();
  readonly #counts: number[] = [];
  arrivals = 0;

  get size(): number {
    return this.#shapes.size;
  }

  /** The one object that stands for all pods asking for the same. */
  shapeOf({ cpuMilli, memoryMiB, gpus, gpuMilli, models }: Omit<GpuPod, "name">): Shape {
    const sorted = models.toSorted();
    const key = JSON.stringify([cpuMilli, memoryMiB, gpus, gpuMilli, sorted]);
    let shape = this.#shapes.get(key);
    if (!shape) {
      const id = this.#shapes.size;
      shape = { id, cpuMilli, memoryMiB, gpus, gpuMilli, totalMilli: gpus * gpuMilli, models: sorted };
      this.#shapes.set(key, shape);
    }
    return shape;
  }

  /** One more pod of this shape has arrived. */
  see(shape: Shape): void {
    this.#counts[shape.id] = (this.#counts[shape.id] ?? 0) + 1;
    this.arrivals += 1;
  }

  /**
   * The most frequent shapes that make up the part `cover` of all arrivals, at most `most` of them. Their weights add up to 1.
   *
   * @param cover 0 … 1
   */
  typical(cover: number, most: number): Weighted[] {
    const shapes = [...this.#shapes.values()].filter(({ id }) => (this.#counts[id] ?? 0) > 0);
    const count = ({ id }: Shape): number => this.#counts[id] ?? 0;
    shapes.sort((one, other) => count(other) - count(one) || one.id - other.id);
    const kept: Shape[] = [];
    let covered = 0;
    for (const shape of shapes) {
      if (covered >= cover * this.arrivals || kept.length >= most) break;
      kept.push(shape);
      covered += count(shape);
    }
    return kept.map((shape) => ({ shape, weight: count(shape) / covered }));
  }
}
