import { decideIntents, type IntentDecision, plannerFrom, readActuators, readJson } from "@walras/controller/intents";
import { systemClock } from "@walras/kit";

import { actuatorsOf, readState } from "./state.ts";

export interface PlanOptions {
  readonly config?: string;
  readonly state: string;
  /** By the rules that the prototype's plans were made by. */
  readonly prototype?: boolean;
}

/**
 * Plans for what a file describes; nothing is asked and nothing is done.
 *
 * @throws FieldError naming file, field and value
 */
export function plan({ config: configFile, state: file, prototype }: PlanOptions): {
  readonly decisions: readonly IntentDecision[];
  readonly warnings: readonly string[];
} {
  const planner = plannerFrom(configFile, "--config");
  const input = readJson(file, "--state");
  const actuators = readActuators(actuatorsOf(input), `${file}.actuators`);
  const snapshot = readState(input, {
    file,
    nowMs: systemClock.wallMs(),
    staleAfterSeconds: planner.config.planner.stability.stale_after,
    lookBackMinutes: actuators.config.scaleOut.look_back,
  });
  const manner = prototype === true ? "prototype" : "own";
  const config = { planner: planner.config, actuators: actuators.config, manner } as const;
  return {
    decisions: decideIntents(config, snapshot, () => systemClock.monotonicMs()),
    warnings: [...planner.warnings, ...actuators.warnings],
  };
}
