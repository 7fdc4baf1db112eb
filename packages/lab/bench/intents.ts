// A service's day under the planner of intents, and under Kubernetes' autoscalers with their best settings.
// usage: intents.ts --trace DIR
import { join } from "node:path";
import { parseArgs } from "node:util";

import { publishBench } from "@walras/kit/bench";

import { compareDay, missedAgainst, missedAgainstBest, rowsOf, scenariosFrom } from "../src/intents/index.ts";

const { values } = parseArgs({ options: { trace: { type: "string" } } });
const folder = values.trace ?? process.env["WALRAS_TRACES"];
if (folder === undefined) throw new Error("--trace DIR: a folder with diurnal.txt and noisy.txt");

const rows: Record<string, string | number>[] = [];
const ratios: Record<string, number> = {};
for (const [index, scenario] of scenariosFrom(folder).entries()) {
  const compared = await compareDay(scenario);
  rows.push(...rowsOf(compared));
  const name = ["diurnal", "noisy", "release"][index] ?? scenario.name;
  ratios[`${name}MissedAgainstBest`] = missedAgainstBest(compared);
  ratios[`${name}MissedAgainstHpaAndVpa`] = missedAgainst(compared, "HPA + VPA");
}

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "intents",
  command: "pnpm bench intents --trace DIR",
  rows,
  ratios,
});
