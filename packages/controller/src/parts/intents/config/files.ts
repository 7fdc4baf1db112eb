import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

import { errorAt } from "@walras/kit";

import { type ActuatorsConfig, readActuators } from "./actuators.ts";
import { type PlannerConfig, readPlannerConfig } from "./planner.ts";
import { type QueriesConfig, readQueries } from "./queries.ts";

/** @param flag named in the complaint of a file that cannot be read @throws FieldError */
export function readJson(file: string, flag: string): unknown {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw errorAt(flag, file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw errorAt(file, text, `is not JSON (${error instanceof Error ? error.message : "unknown"})`);
  }
}

export interface Warned<Config> {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/** `defaults.json`; undefined: all as it is by default. @throws FieldError */
export function plannerFrom(file: string | undefined, flag: string): Warned<PlannerConfig> {
  const input = file === undefined ? {} : readJson(file, flag);
  return readPlannerConfig(input, file ?? "defaults", availableParallelism());
}

/** The plugins' files as the prototype names them, by the action each is for. */
const pluginFiles = {
  scaleOut: "scale_out.json",
  rmPod: "rm_pod.json",
  scaleCPU: "cpu_scale.json",
  configureRDT: "rdt.json",
  setPowerProfile: "energy.json",
} as const;

/** The plugins' files of a folder, as many as there are. @throws FieldError */
export function actuatorsIn(folder: string, flag: string): Warned<ActuatorsConfig> {
  const found = Object.entries(pluginFiles).flatMap(([name, file]): [string, unknown][] => {
    const path = join(folder, file);
    return existsSync(path) ? [[name, readJson(path, flag)]] : [];
  });
  return readActuators(Object.fromEntries(found), folder);
}

/** `default_queries.json`. Without it only profiles with a query of their own can be measured. @throws FieldError */
export function queriesFrom(file: string, flag: string): Warned<QueriesConfig> {
  if (existsSync(file)) return { config: readQueries(readJson(file, flag), file), warnings: [] };
  return { config: {}, warnings: [`${file} is not there: no profile has a query of the planner's own`] };
}
