// Runs benchmarks by name; each prints a table and writes bench/NAME.json, whose
// ratios must stay within bench/thresholds.yaml.
// usage: bench.ts [NAME ...] [--trace DIR] [--learn NAME] [--judge NAME] [--demand FILE] [--only ROW,…] [--minutes N]
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");

const benchmarks: Readonly<Record<string, string>> = {
  solver: "packages/controller/bench/solver.ts",
  outcome: "packages/lab/bench/outcome.ts",
  days: "packages/lab/bench/days.ts",
  scale: "packages/lab/bench/scale.ts",
  agent: "packages/node-agent/bench/agent.ts",
  releases: "packages/lab/bench/releases.ts",
  carla: "packages/controller/bench/carla.ts",
  slots: "packages/lab/bench/slots.ts",
  packing: "packages/lab/bench/packing.ts",
  planner: "packages/lab/bench/planner.ts",
  intents: "packages/lab/bench/intents.ts",
  scaler: "packages/controller/bench/scaler.ts",
  dashboard: "packages/controller/bench/dashboard.ts",
  invariants: "packages/controller/bench/invariants.ts",
  image: "packages/lab/bench/image.ts",
  page: "packages/dashboard/bench/page.ts",
  reaction: "e2e/bench/reaction.ts",
  kernel: "e2e/bench/kernel.ts",
  hpa: "e2e/bench/hpa.ts",
  "intent-load": "e2e/bench/intentLoad.ts",
  applications: "e2e/bench/applications.ts",
  "gpu-binding": "e2e/bench/gpuBinding.ts",
  "gpu-race": "e2e/bench/gpuRace.ts",
};

/** Those that take what is on the command line. */
const taking = new Set(["outcome", "days", "kernel", "invariants", "packing", "intents", "intent-load"]);

type Thresholds = Readonly<Record<string, Readonly<Record<string, { readonly max: number; readonly why: string }>>>>;

const args = process.argv.slice(2);
const optionsAt = args.findIndex((arg) => arg.startsWith("--"));
const options = optionsAt < 0 ? [] : args.slice(optionsAt);
const named = optionsAt < 0 ? args : args.slice(0, optionsAt);
const thresholds = parse(await readFile(join(root, "bench", "thresholds.yaml"), "utf8")) as Thresholds;

let exceeded = 0;
for (const name of named.length > 0 ? named : Object.keys(benchmarks)) {
  const script = benchmarks[name];
  if (script === undefined) throw new Error(`no benchmark ${name}; there are ${Object.keys(benchmarks).join(", ")}`);
  await execa("node", [join(root, script), ...(taking.has(name) ? options : [])], {
    cwd: root,
    preferLocal: true,
    stdio: "inherit",
  });
  const { ratios } = JSON.parse(await readFile(join(root, "bench", `${name}.json`), "utf8")) as {
    ratios: Record<string, number>;
  };
  for (const [ratio, { max }] of Object.entries(thresholds[name] ?? {})) {
    const value = ratios[ratio];
    if (value !== undefined && value <= max) continue;
    exceeded += 1;
    console.log(`${name}: ${ratio} is ${value}, at most ${max} was expected`);
  }
}
process.exitCode = exceeded === 0 ? 0 : 1;
