import type { ActuatorsConfig } from "../../config/actuators.ts";
import type { Actuator } from "./ask.ts";
import { configureRdt, setPowerProfile } from "./options.ts";
import { rmPod } from "./rmPod.ts";
import { scaleCpu } from "./scaleCpu.ts";
import { scaleOut } from "./scaleOut.ts";

/** Those that are configured, in the order in which they are asked. */
export function actuatorsOf(config: ActuatorsConfig): readonly Actuator[] {
  const always = [scaleOut, rmPod, scaleCpu];
  const byChoice = [config.configureRDT && configureRdt, config.setPowerProfile && setPowerProfile];
  return [...always, ...byChoice.filter((actuator) => actuator !== undefined)];
}
