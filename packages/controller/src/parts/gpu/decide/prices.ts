import { Filling } from "./filling.ts";
import type { Fleet } from "./fleet.ts";
import type { Mix, Shape, Weighted } from "./mix.ts";
import type { NodeState } from "./states.ts";

/** Shapes that make up this part of the pods have prices, at most so many. */
const cover = 0.99;
const mostShapes = 256;
/** The mix is looked at again when it has grown by this part. */
const growth = 0.1;
/** How far one step moves a price: less as steps go on, but always so far that prices follow a mix that changes. */
const firstStep = 0.1;
const leastStep = 0.01;
const halvedAfter = 20;
/** What of a price's usual imbalance is remembered from step to step. */
const remembered = 0.9;
/** In thousandths of a GPU: pods whose worth differs by less count as much the same. */
const temperature = 20;

/**
 * What a pod of each shape is worth: the dual prices of the fractional packing of the mix into what is free now (Gilmore and Gomory,
 * "A linear programming approach to the cutting-stock problem", 1961, with nodes for bars). A price rises while the best packings
 * of all nodes hold less of a shape than arrives of it, and falls while they hold more: multiplicative weights (Arora, Hazan, Kale
 * 2012), each step as a part of how large the imbalance of that shape usually is (Tieleman and Hinton's RMSProp, 2012), one step at a
 * time and never from the beginning.
 */
export class Prices {
  readonly #mix: Mix;
  readonly #mostGpus: number;
  readonly #worth = new Map<Shape, number>();
  /** The mean square of a shape's imbalance. */
  readonly #swing = new Map<Shape, number>();
  #typical: readonly Weighted[] = [];
  #typicalOf = 0;
  #steps = 0;
  #filling: Filling;

  constructor(mix: Mix, mostGpus: number) {
    this.#mix = mix;
    this.#mostGpus = mostGpus;
    this.#filling = this.#made();
  }

  /** The shapes that prices are of. */
  get typical(): readonly Weighted[] {
    return this.#typical;
  }

  /** What the room that is free on such a node is worth, in thousandths of a GPU. */
  valueOf(state: NodeState): number {
    return this.#filling.valueOf(state);
  }

  /** One step towards the prices at which what is free would be filled by what arrives. */
  step(fleet: Fleet): void {
    if (this.#mix.arrivals > this.#typicalOf * (1 + growth)) this.#lookAgain();
    if (this.#typical.length === 0) return;
    this.#move(this.#filling.usage(fleet.occupied), fleet);
    this.#steps += 1;
    this.#filling = this.#made();
  }

  #lookAgain(): void {
    this.#typicalOf = this.#mix.arrivals;
    this.#typical = this.#mix.typical(cover, mostShapes).filter(({ shape }) => shape.gpus > 0);
    this.#filling = this.#made();
  }

  /**
   * Both by value, so that neither how much is free nor how much arrives matters, but only of what. A shape that no node has room for
   * now has no say: its price would rise for ever.
   */
  #move(usage: Float64Array, fleet: Fleet): void {
    const rate = Math.max(leastStep, firstStep / (1 + this.#steps / halvedAfter));
    const rows = this.#typical
      .map(({ shape, weight }, index) => ({ shape, weight, worth: this.#worthOf(shape), held: usage[index] ?? 0 }))
      .filter(({ shape, held }) => held > 0 || fleet.hasRoom(shape));
    const held = sumOf(rows, (row) => row.held * row.worth);
    const asked = sumOf(rows, (row) => row.weight * row.worth);
    if (held === 0) return;
    for (const row of rows) {
      const imbalance = 1 - row.held / held / (row.weight / asked);
      this.#worth.set(row.shape, row.worth * Math.exp(rate * this.#usual(row.shape, imbalance)));
    }
    this.#normalise(rows);
  }

  /** An imbalance as a part of what is usual of that shape. */
  #usual(shape: Shape, imbalance: number): number {
    const before = this.#swing.get(shape) ?? imbalance * imbalance;
    const swing = remembered * before + (1 - remembered) * imbalance * imbalance;
    this.#swing.set(shape, swing);
    return swing === 0 ? 0 : imbalance / Math.sqrt(swing);
  }

  /** A pod is worth what it asks for, in the mean. */
  #normalise(rows: readonly Weighted[]): void {
    const worth = sumOf(rows, ({ shape, weight }) => weight * this.#worthOf(shape));
    const asked = sumOf(rows, ({ shape, weight }) => weight * shape.totalMilli);
    for (const { shape } of rows) this.#worth.set(shape, (this.#worthOf(shape) * asked) / worth);
  }

  #worthOf(shape: Shape): number {
    return this.#worth.get(shape) ?? shape.totalMilli;
  }

  #made(): Filling {
    const worth = Float64Array.from(this.#typical, ({ shape }) => this.#worthOf(shape));
    return new Filling({ mix: this.#typical, worth, temperature, mostGpus: this.#mostGpus });
  }
}

function sumOf<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0);
}
