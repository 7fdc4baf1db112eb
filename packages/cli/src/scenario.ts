import { existsSync } from "node:fs";

import { errorAt } from "@walras/kit";
import { loadScenario, parseScenario, type Scenario } from "@walras/sim";

import { builtInNames, builtInScenario } from "./scenarios.ts";

/**
 * The scenario of a file, or one that comes with the program by its name.
 *
 * @throws FieldError naming the file, the path in it, and the value
 */
export function scenarioOf(written: string): Scenario {
  if (existsSync(written)) return loadScenario(written);
  const name = builtInNames.find((one) => one === written);
  if (name === undefined) throw errorAt("scenario", written, `is no file, and none of ${builtInNames.join(", ")}`);
  return parseScenario(builtInScenario(name), name);
}
