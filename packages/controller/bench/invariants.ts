// Thirty simulated minutes of churn under each latency and mix of faults, every write looked at by a checker of its own.
// usage: invariants.ts [--minutes N] [--seed N] [--mix NAME]
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { type BenchRow, publishBench } from "@walras/kit/bench";
import { execa } from "execa";

import type { Mix } from "../test/invariants/faults.ts";
import type { TrialOptions } from "../test/invariants/trial.ts";
import type { TrialReport } from "./invariantsTrial.ts";

const mixes: readonly Mix[] = ["churn only", "api", "nodes", "leaders", "all"];
const latenciesMs = [0, 300, 900];

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    mix: { type: "string" },
  },
});

function mixesAsked({ mix } = values): readonly Mix[] {
  const asked = mixes.filter((one) => mix === undefined || one === mix);
  if (asked.length === 0) throw new Error(`--mix ${mix}: none of ${mixes.join(", ")}`);
  return asked;
}

function numberOf(flag: "minutes" | "seed"): number {
  const value = Number(values[flag]);
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`--${flag} ${values[flag]}: no whole number above 0`);
  return value;
}

const trials: readonly TrialOptions[] = mixesAsked().flatMap((mix) =>
  latenciesMs.map((latencyMs) => ({ mix, latencyMs, minutes: numberOf("minutes"), seed: numberOf("seed") })),
);

/** Each in a process of its own, as many at a time as there are cores. */
async function runAll(): Promise<readonly TrialReport[]> {
  const reports: TrialReport[] = [];
  const waiting = [...trials.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, options] = next;
      const script = join(import.meta.dirname, "invariantsTrial.ts");
      const { stdout } = await execa("node", [script, JSON.stringify(options)], { preferLocal: true });
      reports[index] = JSON.parse(stdout) as TrialReport;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return reports;
}

function rowOf({ options, outcome, violations }: TrialReport): BenchRow {
  const { writes, resizes, refused, overtaken, turnedAway, leaders, checks, churned, faults } = outcome;
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  return {
    faults: options.mix,
    "API ms": options.latencyMs,
    minutes: options.minutes,
    changes: sum(churned),
    "faults made": sum(faults),
    leaders,
    writes,
    resizes,
    refused,
    overtaken,
    "turned away": turnedAway,
    checks,
    violations: violations.reduce((total, [, times]) => total + times, 0),
  };
}

const reports = await runAll();
for (const { options, violations } of reports)
  for (const [what, times] of violations)
    process.stdout.write(`${options.mix}, ${options.latencyMs} ms: ${times} × ${what}\n`);
const rows = reports.map(rowOf);
publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "invariants",
  command: values.mix === undefined ? "pnpm bench invariants" : `pnpm bench invariants --mix "${values.mix}"`,
  rows,
  ratios: { violations: rows.reduce((sum, { violations }) => sum + Number(violations), 0) },
});
