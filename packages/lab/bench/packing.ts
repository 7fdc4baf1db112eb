// A recorded GPU cluster filled with its pods in random order, under four rules, and the bound of who knows all arrivals.
// usage: packing.ts [--trace DIR] [--seeds N] [--only MIX,…]: the rows of other mixes stay as they were
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { type GpuNode, type GpuPod, plan, wholeMilli } from "@walras/controller/gpu";
import { seededRng } from "@walras/kit";
import { percentile, publishBench } from "@walras/kit/bench";

import { arrivalsOf, clairvoyantMilli, mixVariants, packingRules, readTrace } from "../src/packing/index.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const usual = resolve(root, "..", "shared", "traces", "openb");
const files = { nodes: "openb_node_list_gpu_node.csv", pods: "openb_pod_list_default.csv" };
/** Weng et al.'s simulator on the same pods and nodes, mean of ten seeds, GPUs allocated in %. */
const published = { random: 86.3, "best fit": 92.86, FGD: 95.23 };
/** Points above FGD. */
const goal = 0.5;

const text = { type: "string" } as const;
const { values } = parseArgs({ options: { trace: text, seeds: text, only: text } });
const folder = values.trace ?? usual;
if (!existsSync(folder)) throw new Error(`--trace DIR: a folder with ${files.nodes} and ${files.pods}`);
const seeds = Number(values.seeds ?? "10");
if (!Number.isInteger(seeds) || seeds < 1 || seeds > 100)
  throw new Error(`--seeds ${values.seeds}: no number from 1 to 100`);
const only = values.only?.split(",");

const trace = readTrace(folder, files);
const { nodes } = trace;
const capacity = nodes.reduce((sum, { gpus }) => sum + gpus * wholeMilli, 0);
const milliOf = ({ gpus, gpuMilli }: GpuPod): number => gpus * gpuMilli;
const percent = (milli: number): number => (100 * milli) / capacity;
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

interface Played {
  readonly by: Readonly<Record<string, number>>;
  readonly bound: number;
  readonly defragmented: number;
  readonly decisionMs: readonly number[];
}

function play(pods: readonly GpuPod[], seed: number): Played {
  const arrivals = arrivalsOf(pods, nodes, seededRng(seed));
  const decisionMs: number[] = [];
  const by: Record<string, number> = {};
  for (const rule of packingRules) {
    const place = rule.start(nodes, pods, seededRng(seed + 1_000));
    let allocated = 0;
    for (const pod of arrivals) {
      const startedMs = performance.now();
      if (place(pod)) allocated += milliOf(pod);
      if (rule.name === "walras") decisionMs.push(performance.now() - startedMs);
    }
    by[rule.name] = percent(allocated);
  }
  return {
    by,
    bound: percent(clairvoyantMilli(nodes, arrivals)),
    defragmented: percent(defragmented(nodes, arrivals)),
    decisionMs,
  };
}

/** One pod of a hundred moves. */
function defragmented(on: readonly GpuNode[], arrivals: readonly GpuPod[]): number {
  return plan({ nodes: on, pods: arrivals, map: null, mostMoves: Math.floor(arrivals.length / 100) }).allocatedGpuMilli;
}

type Row = Record<string, string | number>;
const recorded = join(root, "bench", "packing.json");
const before =
  only !== undefined && existsSync(recorded)
    ? (JSON.parse(readFileSync(recorded, "utf8")) as { rows: Row[]; ratios: Record<string, number> })
    : { rows: [], ratios: {} };

const rows: Row[] = [];
let { ratios } = before;
for (const variant of mixVariants) {
  if (only !== undefined && !only.includes(variant.name)) {
    rows.push(...before.rows.filter(({ mix }) => mix === variant.name));
    continue;
  }
  const asRecorded = variant === mixVariants[0];
  const pods = variant.pods(trace, seededRng(1));
  const played = Array.from({ length: asRecorded ? seeds : Math.min(3, seeds) }, (_, index) => play(pods, index + 1));
  const of = (name: string): number[] => played.map(({ by }) => by[name] ?? NaN);
  const gains = played.map(({ by }) => (by["walras"] ?? NaN) - (by["FGD"] ?? NaN));
  const way = played.map(
    ({ by, bound }) => ((by["walras"] ?? NaN) - (by["FGD"] ?? NaN)) / (bound - (by["FGD"] ?? NaN)),
  );
  const times = played.flatMap(({ decisionMs }) => decisionMs);
  rows.push({
    mix: variant.name,
    seeds: played.length,
    ...Object.fromEntries(packingRules.map(({ name }) => [`${name} %`, mean(of(name)).toFixed(2)])),
    "over FGD": mean(gains).toFixed(2),
    least: Math.min(...gains).toFixed(2),
    "bound %": mean(played.map(({ bound }) => bound)).toFixed(2),
    "of the way": `${(100 * mean(way)).toFixed(0)} %`,
    "1 % moved %": mean(played.map(({ defragmented: after }) => after)).toFixed(2),
    "decision ms": mean(times).toFixed(2),
    "p99 ms": percentile(times, 0.99).toFixed(2),
  });
  process.stdout.write(`${JSON.stringify(rows.at(-1))}\n`);
  if (!asRecorded) continue;
  const from = (name: keyof typeof published): number => Math.abs(mean(of(name)) - published[name]);
  ratios = {
    randomFromPublished: from("random"),
    bestFitFromPublished: from("best fit"),
    fgdFromPublished: from("FGD"),
    seedsNotBeaten: gains.filter((gain) => gain <= 0).length,
    gainedAgainstGoal: goal / mean(gains),
    boundAgainstDefragmented: Math.max(...played.map(({ bound, defragmented: after }) => bound / after)),
  };
}

publishBench(root, { name: "packing", command: "pnpm bench packing --trace DIR", rows, ratios });
