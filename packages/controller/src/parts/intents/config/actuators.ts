import { parseWith } from "@walras/kit";
import { z } from "zod";

import { port, text, whole, within } from "./bounds.ts";
import { unknownKeys } from "./unknown.ts";

/** What every plugin's file has; none of it matters to a decision but `look_back`, in minutes. */
const common = {
  endpoint: text.optional(),
  port: port(33_334),
  mongo_endpoint: text.optional(),
  plugin_manager_endpoint: text.optional(),
  plugin_manager_port: port(33_333),
  interpreter: text.optional(),
  analytics_script: text.optional(),
  prediction_script: text.optional(),
  look_back: whole(1, 10_080, 20),
};

const scaleOut = z
  .object({
    ...common,
    max_pods: whole(1, 128, 128),
    max_proactive_scale_out: whole(0, 128, 0),
    proactive_latency_factor: within(0, 1, 0.8),
  })
  .refine((config) => config.max_proactive_scale_out <= config.max_pods, {
    path: ["max_proactive_scale_out"],
    error: "is more than max_pods",
  });

const rmPod = z.object({ ...common, min_pods: whole(1, 128, 1) });

const scaleCpu = z
  .object({
    ...common,
    cpu_max: whole(1, 1_024_000, 4_000),
    cpu_rounding: z.number().int().min(10).max(1_000).multipleOf(10).default(100),
    cpu_safeguard_factor: z.number().positive().max(1).default(0.95),
    boost_factor: within(0, 10, 1),
    max_proactive_cpu: whole(0, 1_024_000, 0),
    proactive_latency_percentage: within(0, 1, 0.1),
  })
  .refine((config) => config.max_proactive_cpu <= config.cpu_max, {
    path: ["max_proactive_cpu"],
    error: "is more than cpu_max",
  });

const option = text.min(1);

const configureRdt = z.object({
  ...common,
  options: z.array(option).min(1).default(["None", "COS1", "COS2", "COS3"]),
  /** The prototype's own manifest forgot it, and then writes an annotation without a name. */
  annotation_name: text.min(1),
});

const setPowerProfile = z
  .object({
    ...common,
    options: z
      .array(option)
      .min(2)
      .default([
        "None",
        "power.intel.com/balance-power1",
        "power.intel.com/balance-performance1",
        "power.intel.com/performance1",
      ]),
    add_proactive_candidates: z.boolean().default(false),
    renewable_limit: z.number().min(0).max(1).default(0.75),
    step_down: whole(1, 100, 2),
  })
  .refine((config) => config.step_down < config.options.length, {
    path: ["step_down"],
    error: "is not less than the number of options",
  });

const actuators = z.object({
  scaleOut: scaleOut.prefault({}),
  rmPod: rmPod.prefault({}),
  scaleCPU: scaleCpu.prefault({}),
  configureRDT: configureRdt.optional(),
  setPowerProfile: setPowerProfile.optional(),
});

/** By the name of the action: the prototype's keys of each plugin. Without a configuration the last two are off. */
export type ActuatorsConfig = z.output<typeof actuators>;

/**
 * Reads the plugins' configurations within the prototype's limits.
 *
 * @throws FieldError naming file, field and value
 */
export function readActuators(
  input: unknown,
  file: string,
): { readonly config: ActuatorsConfig; readonly warnings: readonly string[] } {
  const config = parseWith(actuators, input, file);
  return { config, warnings: unknownKeys(input, config).map((key) => `${file}: ${key} is not known`) };
}
