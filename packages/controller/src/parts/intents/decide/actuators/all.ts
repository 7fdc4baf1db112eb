import type { ActuatorsConfig } from "../../config/actuators.ts";
import { foreignActuator } from "../foreign/actuator.ts";
import type { ForeignAnswers } from "../foreign/told.ts";
import type { Actuator } from "./ask.ts";
import { configureRdt, setPowerProfile } from "./options.ts";
import { rmPod } from "./rmPod.ts";
import { scaleCpu } from "./scaleCpu.ts";
import { scaleOut } from "./scaleOut.ts";

/** Those that are configured and not replaced by a foreign one, and then the foreign ones, in the order in which they are asked. */
export function actuatorsOf(config: ActuatorsConfig, foreign?: ForeignAnswers): readonly Actuator[] {
  const always = [scaleOut, rmPod, scaleCpu];
  const byChoice = [config.configureRDT && configureRdt, config.setPowerProfile && setPowerProfile];
  const own = [...always, ...byChoice.filter((actuator) => actuator !== undefined)];
  if (foreign === undefined) return own;
  const replaced = replacedBy(foreign.names);
  return [
    ...own.filter(({ name }) => !replaced.has(name)),
    ...foreign.names.map((name) => foreignActuator(name, foreign)),
  ];
}

const replicaActuators = ["scaleOut", "rmPod"];

/**
 * Our actuators that foreign ones stand in for. The prototype's scaleOut lowers
 * the replicas for each rmPod of a plan: whoever brings one of them has both.
 */
function replacedBy(names: readonly string[]): ReadonlySet<string> {
  const isOfReplicas = names.some((name) => replicaActuators.includes(name));
  return new Set(isOfReplicas ? [...names, ...replicaActuators] : names);
}
