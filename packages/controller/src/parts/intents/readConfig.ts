import { existsSync } from "node:fs";

import type { DecideConfig } from "./decide/decide.ts";
import { defaultConfig, type IntentFlags } from "./flags.ts";
import { actuatorsIn, plannerFrom, queriesFrom } from "./config/files.ts";
import type { QueriesConfig } from "./config/queries.ts";

/** All files of the planner. */
export interface IntentConfig extends DecideConfig {
  readonly queries: QueriesConfig;
  readonly warnings: readonly string[];
}

/** @throws FieldError naming file, field and value */
export function readIntentConfig(flags: IntentFlags): IntentConfig {
  const { intentsConfig, intentsActuators, intentsQueries } = flags;
  const isThere = intentsConfig !== defaultConfig || existsSync(defaultConfig);
  const planner = plannerFrom(isThere ? intentsConfig : undefined, "--intents-config");
  const actuators = actuatorsIn(intentsActuators, "--intents-actuators");
  const queries = queriesFrom(intentsQueries ?? planner.config.monitor.profile.queries, "--intents-queries");
  return {
    planner: planner.config,
    actuators: actuators.config,
    manner: "own",
    queries: queries.config,
    warnings: [...planner.warnings, ...actuators.warnings, ...queries.warnings],
  };
}
