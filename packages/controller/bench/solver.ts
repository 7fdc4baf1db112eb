// Clears 5,000 nodes of 30 containers, beside the textbook's iterative redistribution.
import { join } from "node:path";

import { seededRng } from "@walras/kit";
import { percentile, publishBench } from "@walras/kit/bench";

import { Market } from "../src/parts/market/decide/clear.ts";
import { roundToGranules } from "../src/parts/market/decide/granules.ts";
import { type FlatMarket, redistribute } from "./textbook.ts";

const nodes = 5_000;
const containers = 30;
const runs = 41;

function drawMarket(rng: () => number): FlatMarket {
  const draw = (most: number): number => Math.floor(rng() * most);
  const weight = Float64Array.from({ length: containers }, () => 1 + draw(8));
  const floorMilli = Float64Array.from({ length: containers }, () => 10 + draw(120));
  const capMilli = floorMilli.map((floor) => floor + draw(1_500));
  return { capacityMilli: 1_500 + draw(14_000), weight, floorMilli, capMilli };
}

const solver = new Market(containers);

function exactly(market: FlatMarket): Int32Array {
  solver.reset();
  for (let i = 0; i < containers; i += 1) solver.add(market.weight[i]!, market.floorMilli[i]!, market.capMilli[i]!);
  solver.clear(market.capacityMilli);
  return roundToGranules(market.capacityMilli, solver);
}

/** Σ w·ln(x−d) of what was given, the objective both pursue; at or below the floor counts as a granule's hundredth above it. */
function welfare(market: FlatMarket, given: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < containers; i += 1) {
    const useful = Math.min(given[i] ?? 0, market.capMilli[i]!);
    sum += market.weight[i]! * Math.log(Math.max(0.1, useful - market.floorMilli[i]!));
  }
  return sum;
}

function exactWelfare(market: FlatMarket): number {
  solver.reset();
  for (let i = 0; i < containers; i += 1) solver.add(market.weight[i]!, market.floorMilli[i]!, market.capMilli[i]!);
  solver.clear(market.capacityMilli);
  return welfare(market, solver.exactMilli);
}

function timed(run: () => void): number {
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
}

const rng = seededRng(42);
const markets = Array.from({ length: nodes }, () => drawMarket(rng));
const sum = (given: ArrayLike<number>): number => Array.from(given).reduce((total, milli) => total + milli, 0);
const fits = markets.filter(({ floorMilli, capacityMilli }) => sum(floorMilli) <= capacityMilli);

const exactMs: number[] = [];
const textbookMs: number[] = [];
for (let run = 0; run < runs; run += 1) {
  exactMs.push(timed(() => markets.forEach(exactly)));
  textbookMs.push(timed(() => markets.forEach(redistribute)));
}
const overCapacity = (solve: (market: FlatMarket) => ArrayLike<number>): number =>
  markets.filter((market) => sum(solve(market)) > market.capacityMilli + 1e-6).length;
const worse = fits.filter((market) => {
  const textbook = redistribute(market);
  return sum(textbook) <= market.capacityMilli && exactWelfare(market) < welfare(market, textbook) - 1e-6;
}).length;

const row = (name: string, times: readonly number[], over: number): Record<string, string | number> => ({
  solver: name,
  "p50 ms": percentile(times.slice(1), 0.5).toFixed(1),
  "max ms": Math.max(...times.slice(1)).toFixed(1),
  "nodes over capacity": over,
});

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "solver",
  command: "pnpm bench solver",
  rows: [row("walras", exactMs, overCapacity(exactly)), row("textbook", textbookMs, overCapacity(redistribute))],
  ratios: {
    timeAgainstTextbook: percentile(
      exactMs.map((ms, index) => ms / (textbookMs[index] ?? NaN)),
      0.5,
    ),
    nodesOverCapacity: overCapacity(exactly),
    nodesWithLessWelfare: worse,
    textbookNodesOverCapacity: overCapacity(redistribute),
  },
});
