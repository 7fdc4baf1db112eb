import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

import { type ActuatorsConfig, type PlannerConfig, readActuators, readPlannerConfig } from "@walras/controller/intents";
import { errorAt } from "@walras/kit";

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

/** `defaults.json`; undefined: all as it is by default. */
export function plannerFrom(file: string | undefined): Warned<PlannerConfig> {
  const input = file === undefined ? {} : readJson(file, "--config");
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

/** The plugins' files of a folder, as many as there are. */
export function actuatorsIn(folder: string): Warned<ActuatorsConfig> {
  const found = Object.entries(pluginFiles).flatMap(([name, file]): [string, unknown][] => {
    const path = `${folder}/${file}`;
    return existsSync(path) ? [[name, readJson(path, "--trace")]] : [];
  });
  return readActuators(Object.fromEntries(found), folder);
}
