// The real controller, as a process of its own, on embedded clusters of growing
// size: what it costs, and how long a demand step waits for its resize.
import { join } from "node:path";

import { type BenchRow, percentile, publishBench } from "@walras/kit/bench";

import { ControllerProcess, type Usage } from "./scale/controllerProcess.ts";
import { Load } from "./scale/load.ts";
import type { ScaleOptions } from "./scale/scenario.ts";

const rows = [
  { nodes: 200, movingShare: 1 },
  { nodes: 500, movingShare: 1 },
  { nodes: 500, movingShare: 0.01 },
  { nodes: 2_000, movingShare: 0.05 },
] as const;
type Size = Pick<ScaleOptions, "nodes" | "movingShare">;

const podsPerNode = 30;
/** Habits are known after some minutes, and each new pod is written down: the steps begin when there is nearly nothing left to write. */
const settling = { leastSeconds: 200, mostSeconds: 900, lookSeconds: 10, writesPerNodeSecond: 0.02 };
/** The load has stood still for its own garbage before the steps. */
const recoverySeconds = 10;
const stepSeconds = 30;
const drainSeconds = 5;

interface Result {
  readonly row: BenchRow;
  readonly rssMiB: number;
  readonly cpuShare: number;
  readonly stallMs: number;
  readonly latestMs: number;
  readonly p99Ms: number;
  readonly undecided: number;
}

async function measure(size: Size): Promise<Result> {
  const load = await Load.start({ ...size, podsPerNode, stepSeconds });
  const controller = await ControllerProcess.start(load.url, memoryMib(size));
  try {
    load.begin(controller.agentPort);
    const calm = await settled(controller, size.nodes);
    await load.collect();
    await controller.watch(recoverySeconds * 1000);
    controller.takeUsage();
    const before = await load.result();
    load.step();
    await controller.watch((stepSeconds + drainSeconds) * 1000);
    const usage = controller.takeUsage();
    const after = await load.result();
    return resultOf(size, { calm, usage }, { ...after, resizes: after.resizes - before.resizes });
  } finally {
    await controller.stop();
    await load.stop();
  }
}

/** What the controller's container has, as docs/install.md says: a pod takes some 16 KiB. */
function memoryMib({ nodes }: Size): number {
  return nodes > 500 ? 1536 : 512;
}

/** Waits until hardly anything is written any more. @returns what it used in the last seconds of that */
async function settled(controller: ControllerProcess, nodes: number): Promise<Usage> {
  const { leastSeconds, mostSeconds, lookSeconds, writesPerNodeSecond } = settling;
  for (let waited = lookSeconds; ; waited += lookSeconds) {
    await controller.watch(lookSeconds * 1000);
    const usage = controller.takeUsage();
    const isCalm = usage.writes / usage.seconds <= writesPerNodeSecond * nodes;
    if (waited >= mostSeconds || (waited >= leastSeconds && isCalm)) return usage;
  }
}

function resultOf(
  { nodes, movingShare }: Size,
  { calm, usage }: { readonly calm: Usage; readonly usage: Usage },
  { delaysMs, undecided, resizes, stallMs: loadStallMs }: Awaited<ReturnType<Load["result"]>>,
): Result {
  const cpuShare = usage.cpuSeconds / usage.seconds;
  const stallMs = percentile(usage.stallsMs, 0.99);
  const seconds = (p: number): string => (percentile(delaysMs, p) / 1000).toFixed(2);
  const row = {
    nodes,
    pods: nodes * podsPerNode,
    "moving %": movingShare * 100,
    "CPU %": (cpuShare * 100).toFixed(1),
    "before steps CPU %": ((calm.cpuSeconds / calm.seconds) * 100).toFixed(1),
    "writes/s then": (calm.writes / calm.seconds).toFixed(1),
    "RSS MiB": usage.rssMiB.toFixed(0),
    "loop p99 ms": stallMs.toFixed(1),
    steps: delaysMs.length + undecided,
    undecided,
    "decided p50 s": seconds(0.5),
    "p99 s": seconds(0.99),
    "max s": seconds(1),
    "load's stall s": (loadStallMs / 1000).toFixed(2),
    "resizes/s": (resizes / usage.seconds).toFixed(1),
    "writes/s": (usage.writes / usage.seconds).toFixed(1),
    "rounds/s": (usage.rounds / usage.seconds).toFixed(1),
  };
  const [latestMs, p99Ms] = [percentile(delaysMs, 1), percentile(delaysMs, 0.99)];
  return { row, rssMiB: usage.rssMiB, cpuShare, stallMs, latestMs, p99Ms, undecided };
}

/** "500 0.01": one size alone, which is not kept. */
const [nodes, movingShare = "1"] = process.argv.slice(2);
const sizes: readonly Size[] =
  nodes === undefined ? rows : [{ nodes: Number(nodes), movingShare: Number(movingShare) }];
const results: Result[] = [];
for (const size of sizes) {
  const result = await measure(size);
  console.log(result.row);
  results.push(result);
}
const of = (wanted: Size): Partial<Result> =>
  results[sizes.findIndex((size) => size.nodes === wanted.nodes && size.movingShare === wanted.movingShare)] ?? {};
const [, whole, quiet, largest] = rows.map(of);
if (nodes === undefined)
  publishBench(join(import.meta.dirname, "..", "..", ".."), {
    name: "scale",
    command: "pnpm bench scale",
    rows: results.map(({ row }) => row),
    ratios: {
      undecided: results.reduce((sum, { undecided }) => sum + undecided, 0),
      latestAgainstGoal: (whole?.latestMs ?? NaN) / 1200,
      cpuAgainstGoal: (whole?.cpuShare ?? NaN) / 0.3,
      rssAgainstGoal: (whole?.rssMiB ?? NaN) / 300,
      quietAgainstWhole: (quiet?.cpuShare ?? NaN) / (whole?.cpuShare ?? NaN),
      largestP99AgainstGoal: (largest?.p99Ms ?? NaN) / 1500,
      largestCpuAgainstGoal: (largest?.cpuShare ?? NaN) / 0.8,
      largestRssAgainstGoal: (largest?.rssMiB ?? NaN) / 700,
      stallAgainstGoal: (whole?.stallMs ?? NaN) / 50,
    },
  });
