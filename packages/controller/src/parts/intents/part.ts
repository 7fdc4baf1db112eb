import { definePart } from "../part.ts";
import { addFlags, type IntentFlags, schema } from "./flags.ts";
import { checkPluginFlags } from "./plugins/flags.ts";

/** KPI targets of workloads. */
export const intentsPart = definePart<IntentFlags>({
  name: "intents",
  addFlags,
  schema,
  alone: { opsPort: 8080, logFormat: "json", leaseName: "ido-planner" },
  needsAgents: false,
  check: checkPluginFlags,
  load: async () => (await import("./wire.ts")).wireIntents,
});
