import { roundToGranules } from "./granules.ts";

/** One container's claim on a node's CPU. */
export interface Bid {
  readonly id: string;
  /** Bargaining power, > 0. Only ratios matter. */
  readonly weight: number;
  /** The disagreement point d: what it keeps when nobody agrees. */
  readonly floorMilli: number;
  /** m ≥ d: more than this is of no use to it. */
  readonly capMilli: number;
}

/**
 * - uncongested: every cap fits, nobody wants more, the price is 0
 * - congested: the floors fit, the caps do not
 * - overloaded: not even the floors fit; they shrink by weight
 */
export type MarketMode = "uncongested" | "congested" | "overloaded";

export interface Allocation {
  readonly id: string;
  /** In steps of 10 m; together at most the capacity. */
  readonly milli: number;
  /** The real-valued solution. */
  readonly exactMilli: number;
}

export interface Clearing {
  readonly mode: MarketMode;
  /**
   * λ, the multiplier of the capacity constraint: Σw/Σ(x−d) over those who are
   * not at their cap. 0 while uncongested; Infinity when there is nothing to divide.
   */
  readonly price: number;
  readonly allocations: readonly Allocation[];
}

/**
 * Clears one node's market: the asymmetric Nash bargaining solution
 * (Kalai 1977, "Nonsymmetric Nash solutions and replications of 2-person
 * bargaining"), max Π (x−d)^w subject to Σx ≤ C and d ≤ x ≤ m. Its optimality
 * conditions say x = min(m, d + w/λ), so one number decides all.
 *
 * @param capacityMilli C, in millicores, ≥ 0
 * @param bids weights > 0 and 0 ≤ floor ≤ cap, all finite
 */
export function clear(capacityMilli: number, bids: readonly Bid[]): Clearing {
  scratch.reset();
  for (const bid of bids) scratch.add(bid.weight, bid.floorMilli, bid.capMilli);
  const { mode, price } = scratch.clear(capacityMilli);
  const exact = scratch.exactMilli;
  const milli = roundToGranules(capacityMilli, scratch);
  return {
    mode,
    price,
    allocations: bids.map((bid, index) => ({ id: bid.id, milli: milli[index] ?? 0, exactMilli: exact[index] ?? 0 })),
  };
}

/**
 * The same market over flat arrays, for clearing thousands of nodes a second:
 * `reset`, `add` each bid, `clear`, read `exactMilli`. Arrays grow and are reused.
 */
export class Market {
  count = 0;
  weight: Float64Array;
  floorMilli: Float64Array;
  capMilli: Float64Array;
  exactMilli: Float64Array;
  #active: Uint32Array;
  #zeros: Float64Array;
  #floorSum = 0;
  #capSum = 0;

  constructor(room: number) {
    this.weight = new Float64Array(room);
    this.floorMilli = new Float64Array(room);
    this.capMilli = new Float64Array(room);
    this.exactMilli = new Float64Array(room);
    this.#active = new Uint32Array(room);
    this.#zeros = new Float64Array(room);
  }

  reset(): void {
    this.count = 0;
    this.#floorSum = 0;
    this.#capSum = 0;
  }

  add(weight: number, floorMilli: number, capMilli: number): void {
    if (this.count === this.weight.length) this.#grow();
    this.weight[this.count] = weight;
    this.floorMilli[this.count] = floorMilli;
    this.capMilli[this.count] = capMilli;
    this.#floorSum += floorMilli;
    this.#capSum += capMilli;
    this.count += 1;
  }

  clear(capacityMilli: number): { mode: MarketMode; price: number } {
    if (this.#capSum <= capacityMilli) {
      this.exactMilli.set(this.capMilli.subarray(0, this.count));
      return { mode: "uncongested", price: 0 };
    }
    if (this.#floorSum > capacityMilli) {
      const level = this.#waterLevel(capacityMilli, this.#zeros, this.floorMilli);
      this.#fill(level, this.#zeros, this.floorMilli);
      return { mode: "overloaded", price: 1 / level };
    }
    const level = this.#waterLevel(capacityMilli - this.#floorSum, this.floorMilli, this.capMilli);
    this.#fill(level, this.floorMilli, this.capMilli);
    return { mode: "congested", price: 1 / level };
  }

  #fill(level: number, base: Float64Array, top: Float64Array): void {
    const { weight, exactMilli, count } = this;
    for (let i = 0; i < count; i += 1) {
      const wanted = base[i]! + weight[i]! * level;
      exactMilli[i] = wanted < top[i]! ? wanted : top[i]!;
    }
  }

  /**
   * The level t = 1/λ at which Σ min(top−base, w·t) equals the surplus. The
   * sum is concave in t, so Newton's steps from the left never overshoot and
   * end exactly; each step drops those that reached their top. Against inputs
   * that freeze few at a time the rest is settled by sorting its breakpoints,
   * so the whole is O(n log n).
   */
  #waterLevel(surplusMilli: number, base: Float64Array, top: Float64Array): number {
    const { weight } = this;
    const active = this.#active;
    let remaining = surplusMilli;
    let left = this.count;
    let weightSum = 0;
    for (let i = 0; i < left; i += 1) {
      active[i] = i;
      weightSum += weight[i]!;
    }
    for (let step = 0; step < maxNewtonSteps; step += 1) {
      const level = remaining / weightSum;
      let kept = 0;
      weightSum = 0;
      for (let k = 0; k < left; k += 1) {
        const i = active[k]!;
        const span = top[i]! - base[i]!;
        if (span <= weight[i]! * level) {
          remaining -= span;
        } else {
          active[kept] = i;
          kept += 1;
          weightSum += weight[i]!;
        }
      }
      if (kept === left || kept === 0) return level;
      left = kept;
    }
    return this.#sortedLevel({ remaining, left, weightSum }, (i) => top[i]! - base[i]!);
  }

  #sortedLevel(rest: { remaining: number; left: number; weightSum: number }, span: (i: number) => number): number {
    const { weight } = this;
    const order = this.#active.subarray(0, rest.left).toSorted((a, b) => span(a) / weight[a]! - span(b) / weight[b]!);
    let { remaining, weightSum } = rest;
    for (const i of order) {
      const level = remaining / weightSum;
      if (span(i) > weight[i]! * level) return level;
      remaining -= span(i);
      weightSum -= weight[i]!;
    }
    return remaining / weightSum;
  }

  #grow(): void {
    const room = Math.max(16, this.weight.length * 2);
    this.weight = enlarged(this.weight, room);
    this.floorMilli = enlarged(this.floorMilli, room);
    this.capMilli = enlarged(this.capMilli, room);
    this.exactMilli = new Float64Array(room);
    this.#active = new Uint32Array(room);
    this.#zeros = new Float64Array(room);
  }
}

/** Filled and read within one call: arrays made anew for each would cost more than what is done with them. */
const scratch = new Market(64);

/** Typical markets settle in three to five steps. */
const maxNewtonSteps = 12;

function enlarged(from: Float64Array, room: number): Float64Array {
  const to = new Float64Array(room);
  to.set(from);
  return to;
}
