import { type Candidate, fill, type Filled, itemsOf, spread } from "./knapsack.ts";
import type { Weighted } from "./mix.ts";
import { wholeMilli } from "./snapshot.ts";
import { accepts, type NodeState } from "./states.ts";

/** What a millicore and a MiB are worth, in thousandths of a GPU. */
interface Multiplier {
  readonly cpu: number;
  readonly memory: number;
}

/** One GPU of a node by what is free of it, and several idle ones, at one price of CPU or memory. */
interface Table {
  readonly multiplier: Multiplier;
  readonly shared: Filled;
  readonly idle: Filled;
  readonly sharedDemand: Float64Array;
  readonly idleDemand: Float64Array;
}

/** Nodes whose models the same shapes accept. */
interface Kind {
  readonly candidates: readonly Weighted[];
  readonly chains: readonly Chain[];
}

/** The same resource at rising prices, of which tables are made when they are needed. */
interface Chain {
  readonly multipliers: readonly Multiplier[];
  readonly tables: (Table | undefined)[];
  /** Where the last search ended. */
  last: number;
}

interface Best {
  readonly value: number;
  readonly table: Table;
}

export interface FillingOptions {
  readonly mix: readonly Weighted[];
  /** What a pod of each shape of the mix is worth, in thousandths of a GPU. */
  readonly worth: Float64Array;
  /** See {@link itemsOf}. */
  readonly temperature: number;
  /** The most GPUs a node has. */
  readonly mostGpus: number;
}

/** Of the mix's own ratio of CPU to GPU: wide enough for any node, close enough around the usual. */
const priceSteps = [0, 1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2, 3 / 4, 1, 3 / 2, 2, 4];

/**
 * What the free room of a node is worth: the best packing of it with pods of the mix, each counted at its worth. CPU and memory are
 * relaxed one at a time (Lagrange): the value is the least, over prices of CPU or of memory, of what packing each GPU for itself gives
 * when pods pay for what they use, and of what the node's own is worth at that price. It is never less than the best packing.
 */
export class Filling {
  readonly #options: FillingOptions;
  readonly #unit: number;
  readonly #steps: readonly (readonly Multiplier[])[];
  readonly #kinds = new Map<string, Kind>();
  readonly #kindOf = new Map<string, Kind>();
  readonly #best = new Map<NodeState, Best>();

  constructor(options: FillingOptions) {
    this.#options = options;
    this.#unit = unitOf(options.mix);
    this.#steps = stepsOf(options.mix);
  }

  /** In thousandths of a GPU. */
  valueOf(state: NodeState): number {
    return this.#bestOf(state).value;
  }

  /** How many pods of each shape of the mix these nodes' best packings hold. */
  usage(states: Iterable<NodeState>): Float64Array {
    const tables = new Set<Table>();
    for (const state of states) {
      const { table } = this.#bestOf(state);
      tables.add(table);
      table.idleDemand[state.idleGpus]! += state.nodes.length;
      for (const free of state.freeMilli) {
        if (free < wholeMilli) table.sharedDemand[this.#units(free)]! += state.nodes.length;
      }
    }
    const use = new Float64Array(this.#options.mix.length);
    for (const { shared, idle, sharedDemand, idleDemand } of tables) {
      sharedDemand[sharedDemand.length - 1]! += spread(idle, idleDemand, use);
      spread(shared, sharedDemand, use);
      sharedDemand.fill(0);
      idleDemand.fill(0);
    }
    return use;
  }

  #bestOf(state: NodeState): Best {
    let best = this.#best.get(state);
    if (!best) {
      for (const chain of this.#kind(state.model).chains) {
        const found = this.#least(state, chain);
        if (!best || found.value < best.value) best = found;
      }
      if (!best) throw new RangeError("there is a price of CPU at least");
      this.#best.set(state, best);
    }
    return best;
  }

  /** The value is convex in the price, so that the search follows it down from where the last one ended. */
  #least(state: NodeState, chain: Chain): Best {
    let at = chain.last;
    let best = this.#at(state, chain, at);
    for (const step of [1, -1]) {
      const from = at;
      while (at + step >= 0 && at + step < chain.multipliers.length) {
        const next = this.#at(state, chain, at + step);
        if (next.value >= best.value) break;
        best = next;
        at += step;
      }
      if (at !== from) break;
    }
    chain.last = at;
    return best;
  }

  #at(state: NodeState, chain: Chain, index: number): Best {
    const table = (chain.tables[index] ??= this.#table(state, chain.multipliers[index]!));
    const { cpu, memory } = table.multiplier;
    let value = cpu * state.cpuMilli + memory * state.memoryMiB + table.idle.value[state.idleGpus]!;
    for (const free of state.freeMilli) {
      if (free === wholeMilli) break;
      value += table.shared.value[this.#units(free)]!;
    }
    return { value, table };
  }

  #table({ model }: NodeState, multiplier: Multiplier): Table {
    const { temperature, mostGpus } = this.#options;
    const paid = this.#kind(model).candidates.map((candidate) => this.#paid(candidate, multiplier));
    const units = wholeMilli / this.#unit;
    const ofOne = paid.filter(({ gpus }) => gpus === 1);
    const ofSeveral = paid.filter(({ gpus }) => gpus > 1 && gpus <= mostGpus);
    const shared = fill(itemsOf(ofOne, temperature), units, 0);
    const idle = fill(
      itemsOf(
        ofSeveral.map(({ gpus, ...rest }) => ({ ...rest, room: gpus })),
        temperature,
      ),
      mostGpus,
      shared.value[units]!,
    );
    return {
      multiplier,
      shared,
      idle,
      sharedDemand: new Float64Array(units + 1),
      idleDemand: new Float64Array(mostGpus + 1),
    };
  }

  #paid({ shape, weight }: Weighted, { cpu, memory }: Multiplier): Candidate & { readonly gpus: number } {
    const index = this.#indexOf(shape.id);
    const value = this.#options.worth[index]! - cpu * shape.cpuMilli - memory * shape.memoryMiB;
    return { index, room: Math.ceil(shape.gpuMilli / this.#unit), value, weight, gpus: shape.gpus };
  }

  #indices: Map<number, number> | undefined;

  #indexOf(id: number): number {
    this.#indices ??= new Map(this.#options.mix.map(({ shape }, index) => [shape.id, index]));
    return this.#indices.get(id)!;
  }

  #kind(model: string): Kind {
    let kind = this.#kindOf.get(model);
    if (!kind) {
      const candidates = this.#options.mix.filter(({ shape }) => shape.gpus > 0 && accepts(model, shape));
      const key = candidates.map(({ shape }) => shape.id).join(",");
      kind = this.#kinds.get(key) ?? {
        candidates,
        chains: this.#steps.map((multipliers) => ({ multipliers, tables: [], last: 0 })),
      };
      this.#kinds.set(key, kind);
      this.#kindOf.set(model, kind);
    }
    return kind;
  }

  #units(freeMilli: number): number {
    return Math.floor(freeMilli / this.#unit);
  }
}

/** The coarsest unit in which a GPU and every part of one asked for are whole numbers. */
function unitOf(mix: readonly Weighted[]): number {
  return mix.reduce((unit, { shape }) => divisor(unit, shape.gpus === 1 ? shape.gpuMilli : 0), wholeMilli);
}

function divisor(one: number, other: number): number {
  return other === 0 ? one : divisor(other, one % other);
}

/** Prices around the one at which CPU, or memory, of the mix is worth as much as its GPUs. */
function stepsOf(mix: readonly Weighted[]): Multiplier[][] {
  const ofGpus = mix.filter(({ shape }) => shape.gpus > 0);
  const mean = (of: (one: Weighted["shape"]) => number): number =>
    ofGpus.reduce((sum, { shape, weight }) => sum + weight * of(shape), 0);
  const worth = mean(({ totalMilli }) => totalMilli);
  const [cpu, memory] = [mean(({ cpuMilli }) => cpuMilli), mean(({ memoryMiB }) => memoryMiB)];
  const ofCpu = (cpu > 0 ? priceSteps : [0]).map((step) => ({ cpu: step && (step * worth) / cpu, memory: 0 }));
  const ofMemory = (memory > 0 ? priceSteps : [0]).map((step) => ({ cpu: 0, memory: step && (step * worth) / memory }));
  return [ofCpu, ofMemory];
}
