import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Scenarios that come with the program. */
export const builtInNames = ["demo", "mixed"] as const;
type BuiltIn = (typeof builtInNames)[number];

/** The text of one. A packed program has the texts in place of this module: see scripts/pack. */
export function builtInScenario(name: BuiltIn): string {
  return readFileSync(fileURLToPath(import.meta.resolve(`@walras/sim/scenarios/${name}.yaml`)), "utf8");
}
