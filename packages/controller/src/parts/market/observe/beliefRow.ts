import type { NumberRows } from "@walras/kit";

import type { Demand } from "../decide/snapshot.ts";
import type { Belief } from "./demand.ts";

const sampleNumbers = ["atMs", "usageMilli", "throttledMilli"] as const;
/** null where it is not known. */
const sampleUnknowns = ["throttledRatio", "pressureRatio", "quotaMilli"] as const;
const beliefNumbers = [
  "wantedMilli",
  "sinceMs",
  "surgeMilli",
  "surgeAtMs",
  "peakMilli",
  "peakAtMs",
  "meanMilli",
  "margin",
  "holdUntilMs",
] as const;
const useNumbers = ["coveredMs", "neededMilliMs", "highestMeanMilli"] as const;
const plain = [...sampleNumbers, ...beliefNumbers, ...useNumbers] as const;

/** How many numbers a belief has. */
export const beliefWidth = plain.length + sampleUnknowns.length;

/** A belief whose numbers are a row of many: it is its own sample. */
export class BeliefRow implements Belief {
  declare wantedMilli: number;
  declare sinceMs: number;
  declare surgeMilli: number;
  declare surgeAtMs: number;
  declare peakMilli: number;
  declare peakAtMs: number;
  declare meanMilli: number;
  declare margin: number;
  declare holdUntilMs: number;
  declare atMs: number;
  declare usageMilli: number;
  declare throttledMilli: number;
  declare throttledRatio: number | null;
  declare pressureRatio: number | null;
  declare quotaMilli: number | null;
  /** What it has used since somebody took that in: for how long it was watched, what it needed by then, and its highest mean. */
  declare coveredMs: number;
  declare neededMilliMs: number;
  declare highestMeanMilli: number;
  cut: Demand["cut"];
  readonly rows: NumberRows;
  readonly at: number;

  constructor(first: Demand, rows: NumberRows) {
    this.rows = rows;
    this.at = rows.take();
    this.cut = first.cut;
    for (const name of sampleNumbers) this[name] = first.sample[name];
    for (const name of sampleUnknowns) this[name] = first.sample[name];
    for (const name of beliefNumbers) this[name] = first[name];
  }

  get sample(): this {
    return this;
  }
}

plain.forEach((name, index) => {
  Object.defineProperty(BeliefRow.prototype, name, {
    get(this: BeliefRow): number | undefined {
      return this.rows.numbers[this.at + index];
    },
    set(this: BeliefRow, value: number) {
      this.rows.numbers[this.at + index] = value;
    },
  });
});

sampleUnknowns.forEach((name, after) => {
  const index = plain.length + after;
  Object.defineProperty(BeliefRow.prototype, name, {
    get(this: BeliefRow): number | null {
      const value = this.rows.numbers[this.at + index] ?? NaN;
      return Number.isNaN(value) ? null : value;
    },
    set(this: BeliefRow, value: number | null) {
      this.rows.numbers[this.at + index] = value ?? NaN;
    },
  });
});
