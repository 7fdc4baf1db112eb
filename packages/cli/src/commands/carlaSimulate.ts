import { readFileSync } from "node:fs";

import { errorAt } from "@walras/kit";
import type { Comparison, LabConfig, Scene, ScenarioName } from "@walras/lab/releases";
import { Command } from "commander";

import { needTemporal } from "../newerNode.ts";
import { type OutputFlags, show, warn, withOutput } from "../output/output.ts";

interface SimulateFlags extends OutputFlags {
  readonly policy?: string;
  readonly apps?: string;
  readonly scenario: string;
  readonly seeds: string;
  readonly days: string;
  readonly recorded?: string;
}

/** walras carla simulate: a week of changes under different rules. */
export function simulateCommand(): Command {
  return withOutput(new Command("simulate"))
    .description("replay a week of pending changes and load, and compare rules of release")
    .option("--policy <file>", "carla_policy.yaml; what it ships with otherwise")
    .option("--apps <file>", "apps.yaml; drawn from the seed otherwise")
    .option("--scenario <name>", "calm, busy, overloaded or all", "all")
    .option("--seeds <numbers>", "one week for each", "1,2,3")
    .option("--days <number>", "length of the week, 1 to 60", "7")
    .option("--recorded <file>", "JSON lines {at, app, revision} and {at, cpu, memory} instead of a scenario")
    .action(async (flags: SimulateFlags) => {
      needTemporal("carla simulate");
      const { compareRules, readLabConfig, summarize } = await import("@walras/lab/releases");
      const { table } = await import("@walras/kit/bench");
      const config = readLabConfig({ policyFile: flags.policy, appsFile: flags.apps, readText });
      warn(config.warnings);
      const comparisons: Comparison[] = [];
      for (const { name, scene } of await scenesOf(flags, config)) comparisons.push(...compareRules(name, scene));
      await show(comparisons, flags, (all) => `${table(summarize(all))}\n`);
    });
}

interface NamedScene {
  readonly name: string;
  readonly scene: Scene;
}

async function scenesOf(flags: SimulateFlags, { policy, apps }: LabConfig): Promise<NamedScene[]> {
  const { sceneFromRecording, sceneOf, scenarioNames } = await import("@walras/lab/releases");
  const seeds = flags.seeds.split(",").map((seed) => readInteger("--seeds", seed, { least: 0, most: 2 ** 32 - 1 }));
  const days = readInteger("--days", flags.days, { least: 1, most: 60 });
  if (flags.recorded === undefined) {
    return readScenarios(flags.scenario, scenarioNames).flatMap((name) =>
      seeds.map((seed) => ({ name, scene: sceneOf({ scenario: name, seed, days, policy, apps }) })),
    );
  }
  if (apps === undefined) throw errorAt("--apps", undefined, "must be given with --recorded");
  const recording = { file: flags.recorded, text: readText(flags.recorded) };
  return seeds.map((seed) => ({
    name: "recorded",
    scene: sceneFromRecording(recording, { seed, days, policy, apps }),
  }));
}

function readScenarios(text: string, names: readonly ScenarioName[]): readonly ScenarioName[] {
  const chosen = text === "all" ? names : names.filter((name) => name === text);
  if (chosen.length === 0) throw errorAt("--scenario", text, `is none of ${names.join(", ")}, all`);
  return chosen;
}

function readInteger(flag: string, text: string, { least, most }: { least: number; most: number }): number {
  const number = /^\d{1,10}$/.test(text.trim()) ? Number(text) : NaN;
  if (!(number >= least && number <= most)) throw errorAt(flag, text, `is not a whole number from ${least} to ${most}`);
  return number;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw errorAt("file", file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}
