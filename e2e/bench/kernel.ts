// The market on a real kernel beside the declared limit, one from a percentile and none: services whose requests
// cost CPU, on a node that has room and on one that has too little.
// usage: kernel.ts [--demand FILE] [--trace DIR] [--only ROW[,ROW]]   (rows by name; overload is one)
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { seededRng } from "@walras/kit";
import { publishBench } from "@walras/kit/bench";

import { onBed } from "./kernel/bed.ts";
import { type Demand, type Phase, phasesOf, readDemands } from "./kernel/demand.ts";
import { learn } from "./kernel/learn.ts";
import { nodePolicies, type Overload } from "./kernel/members.ts";
import type { Outcome } from "./kernel/outcome.ts";
import type { Bed } from "./kernel/pods.ts";
import { playAlone, playOverload } from "./kernel/overload.ts";
import { policies } from "./kernel/policies.ts";
import { type KernelRow, overloadRatios, roomRatios, rowOf } from "./kernel/report.ts";
import { playRow } from "./kernel/room.ts";
import { playStarts } from "./kernel/starts.ts";

const root = join(import.meta.dirname, "..", "..");
/** Long enough for every demand of the file to come round. */
const learnSeconds = 90;

const text = { type: "string" } as const;
const { values } = parseArgs({ options: { demand: text, trace: text, only: text } });
const file = readDemands(values.demand ?? join(import.meta.dirname, "kernel", "demands.yaml"));
const traces = resolve(values.trace ?? process.env["WALRAS_TRACES"] ?? join(root, "..", "shared", "traces", "rps"));
const only = values.only?.split(",");
const asked = (name: string): boolean => only === undefined || only.includes(name);
const known = ["overload", ...file.demands.map(({ name }) => name)];
for (const name of only ?? [])
  if (!known.includes(name)) throw new Error(`--only: ${name} is no row; there are ${known.join(", ")}`);

/** A recording that is not there leaves its row out. */
function isThere({ name, trace }: Demand): boolean {
  if (trace === undefined || existsSync(join(traces, trace))) return true;
  console.log(`${name}: left out, ${join(traces, trace)} does not exist (--trace DIR)`);
  return false;
}

const rng = seededRng(11);

/** What is played of the file. */
interface Asked {
  readonly rows: readonly { readonly demand: Demand; readonly phases: readonly Phase[] }[];
  readonly overload: Overload | undefined;
}

function askedFor(): Asked {
  const demands = file.demands.filter((demand) => asked(demand.name) && isThere(demand));
  return {
    rows: demands.map(withPhases),
    overload: asked("overload") ? file.overload : undefined,
  };
}

async function play(bed: Bed, { rows, overload }: Asked): Promise<Outcome[]> {
  const services = [...rows, ...(overload === undefined ? [] : [withPhases(overload.guaranteed)])];
  const learned = await learn(bed, services, learnSeconds, rng);
  const outcomes: Outcome[] = [];
  for (const [index, { demand, phases }] of rows.entries()) {
    const row = { demand, phases, learnedMilli: learned[index] ?? demand.request };
    const playOne = demand.startCpuMs === undefined ? playRow : playStarts;
    outcomes.push(...tell(await playOne(bed, row, policies, rng)));
  }
  if (overload === undefined) return outcomes;
  outcomes.push(...tell(await playAlone(bed, overload)));
  const scarcity = { overload, learnedMilli: learned.at(-1) ?? overload.guaranteed.request };
  for (const policy of nodePolicies) outcomes.push(...tell(await playOverload(bed, scarcity, policy)));
  return outcomes;
}

function withPhases(demand: Demand): { readonly demand: Demand; readonly phases: readonly Phase[] } {
  return { demand, phases: phasesOf(demand, traces) };
}

function tell(outcomes: Outcome[]): Outcome[] {
  for (const outcome of outcomes) console.log(Object.values(rowOf(outcome)).join("  "));
  return outcomes;
}

/** What was measured before and is not measured now. */
function earlier(rows: readonly KernelRow[]): KernelRow[] {
  const published = join(root, "bench", "kernel.json");
  if (only === undefined || !existsSync(published)) return [];
  const { rows: before } = JSON.parse(readFileSync(published, "utf8")) as { rows: KernelRow[] };
  const fresh = new Set(rows.map(({ row }) => row));
  return before.filter(({ row }) => !fresh.has(row));
}

await onBed("kernel", async (bed) => {
  const fresh = (await play(bed, askedFor())).map(rowOf);
  const rows = [...earlier(fresh), ...fresh];
  publishBench(root, {
    name: "kernel",
    command: "pnpm bench kernel",
    rows,
    ratios: { ...roomRatios(rows), ...(file.overload === undefined ? {} : overloadRatios(rows, file.overload)) },
  });
});
