// The planner of intents over minutes of a load that is noise: how often it takes replicas away and gives them again.
// usage: intentLoad.ts [--minutes N]
import { join } from "node:path";
import { parseArgs } from "node:util";

import { managedLabel } from "@walras/api";
import { seededRng } from "@walras/kit";
import { percentile, publishBench } from "@walras/kit/bench";
import { Prometheus } from "@walras/kit/testing";

import { costMs, LoadTrial } from "../harness/loadTrial.ts";
import { removePlannerAccount } from "../harness/plannerAccount.ts";
import { pause } from "../harness/wait.ts";
import { noisePhases, reversals } from "./intentLoad/noise.ts";
import { arrivalTimes } from "./kernel/arrivals.ts";
import { type MarketBed, onBed } from "./kernel/bed.ts";
import type { Timing } from "./kernel/generator.ts";
import { playArrivals } from "./kernel/openLoop.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
const minutes = Number(values.minutes);
if (!Number.isInteger(minutes) || minutes < 1) throw new Error(`--minutes ${values.minutes} is no number of minutes`);
/** By the model three to five replicas are enough for it. */
const noise = { least: 16, most: 24, eachSeconds: 5 };

interface Minute {
  readonly minute: number;
  readonly asked: readonly number[];
}

/** Replicas asked for, each second of each minute. */
async function watch(trial: LoadTrial): Promise<readonly Minute[]> {
  const all: Minute[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    const asked: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      asked.push(trial.shop.replicas.at(-1) ?? NaN);
      await pause(1_000);
    }
    all.push({ minute, asked });
    console.log(`minute ${minute}: ${[...new Set(asked)].join(" ")} replicas`);
  }
  return all;
}

function rowOf({ minute, asked }: Minute, timings: readonly Timing[]): Record<string, number> {
  const own = timings.filter(({ atMs }) => Math.floor(atMs / 60_000) + 1 === minute);
  const served = own.filter(({ failed }) => !failed).map(({ tookMs }) => tookMs);
  return {
    minute,
    "requests/s": Number((own.length / 60).toFixed(1)),
    "least replicas": Math.min(...asked),
    "most replicas": Math.max(...asked),
    "p50 ms": Math.round(percentile(served, 0.5)),
    "p99 ms": Math.round(percentile(served, 0.99)),
    failed: own.length - served.length,
  };
}

async function play(trial: LoadTrial): Promise<void> {
  const seconds = minutes * 60;
  const rng = seededRng(11);
  const times = arrivalTimes({ arrivals: "poisson", seconds }, noisePhases(noise, seconds, rng), rng);
  const arrivals = times.map((atMs) => ({ atMs, target: 0, costMs }));
  const [timings, watched] = await Promise.all([
    playArrivals([await trial.shop.url()], arrivals, "anew"),
    watch(trial),
  ]);
  const most = Math.max(...watched.flatMap(({ asked }) => asked));
  publishBench(join(import.meta.dirname, "..", ".."), {
    name: "intent-load",
    command: `pnpm bench intent-load --minutes ${minutes}`,
    rows: watched.map((minute) => rowOf(minute, timings)),
    ratios: { reversals: reversals(trial.shop.replicas), neverScaled: most > 1 ? 0 : 1 },
  });
}

async function onTrial({ cluster, namespace, node, programs }: MarketBed): Promise<void> {
  await cluster.kubectl("label", "namespace", namespace, `${managedLabel}=false`);
  const prometheus = await Prometheus.start();
  let trial: LoadTrial | undefined;
  try {
    trial = await LoadTrial.open({ cluster, namespace, node, programs, prometheus, stability: {} });
    await play(trial);
  } finally {
    await trial?.shop.close();
    await prometheus.remove();
    await removePlannerAccount(cluster);
  }
}

if (!Prometheus.installed) throw new Error("this benchmark wants Debian's package prometheus");
await onBed("intent-load", onTrial);
