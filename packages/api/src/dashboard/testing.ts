import { type Rng, seededRng } from "@walras/kit";

import { type DashboardSummary, nodeStates, type SummaryCells, type SummaryStrip } from "./summary.ts";

/** How large the cluster is; the same seed gives the same cluster and the same seconds. */
export interface RecordedSize {
  readonly nodes: number;
  readonly pods: number;
  readonly seed: number;
}

export const recordedSize: RecordedSize = { nodes: 5_000, pods: 150_000, seed: 1 };

const coresPerNode = 32;
const startMs = Date.UTC(2026, 5, 1);
/** Use drifts back to what a node usually has, with this much of the way each second. */
const pull = 0.05;
/** What a node's use moves by in a second, in percent of its CPU: the day's trace of a busy cluster moves by about as much. */
const stepPercent = 1.5;

/** A cluster of made-up nodes whose use wanders second by second, for tests of what has to bear its size. */
export class RecordedCluster {
  readonly #rng: Rng;
  readonly #usual: readonly number[];
  readonly #cells: SummaryCells;
  #used: number[];
  #second = 0;

  constructor({ nodes, pods, seed }: RecordedSize = recordedSize) {
    this.#rng = seededRng(seed);
    this.#usual = Array.from({ length: nodes }, () => 20 + 75 * this.#rng());
    this.#used = [...this.#usual];
    this.#cells = {
      node: Array.from({ length: nodes }, (_, index) => `node-${String(index).padStart(5, "0")}`),
      price: [],
      used: [],
      state: [],
      pods: Array.from({ length: nodes }, (_, index) => Math.floor(pods / nodes) + (index < pods % nodes ? 1 : 0)),
      rationed: [],
    };
    this.#fill();
  }

  /** The cluster a second later. */
  step(): void {
    this.#second += 1;
    this.#used = this.#used.map((used, index) => {
      const usual = this.#usual[index] ?? used;
      return Math.min(100, Math.max(0, used + pull * (usual - used) + stepPercent * (2 * this.#rng() - 1)));
    });
    this.#fill();
  }

  /** As it is now; what it returns does not change any more. */
  summary(): DashboardSummary {
    const { node, price, used, state, pods, rationed } = this.#cells;
    return {
      kind: "whole",
      seq: this.#second,
      atMs: startMs + 1000 * this.#second,
      leader: true,
      leaderName: "walras-controller-0",
      parts: ["market", "carla", "batch", "gpu", "intents"],
      strip: this.#strip(),
      cells: {
        node: [...node],
        price: [...price],
        used: [...used],
        state: [...state],
        pods: [...pods],
        rationed: [...rationed],
      },
    };
  }

  #fill(): void {
    this.#used.forEach((used, index) => {
      const isUnknown = index % 500 === 499;
      const isScarce = used > 92;
      const rationed = isScarce ? Math.min(this.#cells.pods[index] ?? 0, Math.ceil(used - 92)) : 0;
      this.#cells.price[index] = isScarce ? Number(((used - 92) * 0.37).toPrecision(3)) : 0;
      this.#cells.used[index] = isUnknown ? null : Math.round(used);
      this.#cells.state[index] = nodeStates.indexOf(isUnknown ? "unknown" : isScarce ? "congested" : "uncongested");
      this.#cells.rationed[index] = isUnknown ? 0 : rationed;
    });
  }

  #strip(): SummaryStrip {
    const { node, used, state, pods, rationed } = this.#cells;
    const allocatableMilli = node.length * coresPerNode * 1000;
    const usedMilli = used.reduce<number>((total, percent) => total + ((percent ?? 0) / 100) * coresPerNode * 1000, 0);
    const declaredMilli = 0.9 * allocatableMilli;
    const requestedMilli = 0.7 * allocatableMilli;
    const price = 0.04;
    return {
      throttledSecondsPerMinute: sum(rationed) * 1.5,
      allocatableMilli,
      promisedMilli: 0.8 * allocatableMilli,
      usedMilli: Math.round(usedMilli),
      rationedPods: sum(rationed),
      pods: sum(pods),
      nodes: node.length,
      unknownNodes: state.filter((one) => nodeStates[one] === "unknown").length,
      conflicts: 3,
      declaredMilli,
      requestedMilli,
      recommendedMilli: requestedMilli,
      coreHourPrice: price,
      promisedPerMonth: 0.8 * node.length * coresPerNode * price * 730,
      savedPerMonth: ((declaredMilli - requestedMilli) / 1000) * price * 730,
      offeredPerMonth: 0,
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
