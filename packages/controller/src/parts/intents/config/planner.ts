import { parseWith } from "@walras/kit";
import { z } from "zod";

import { port, text, uri, whole, within } from "./bounds.ts";
import { unknownKeys } from "./unknown.ts";

/** What the shipped manifest asks for; a machine of fewer cores takes it too. */
const shippedWorkers = 4;

const metric = z.object({ name: text.min(1), query: z.string().min(1) });

function schemaFor(cpus: number) {
  const workers = whole(1, Math.max(shippedWorkers, cpus), 2);
  return z.object({
    generic: z
      .object({ mongo_endpoint: uri.default("mongodb://planner-mongodb-service:27017/"), log_file: text.optional() })
      .prefault({}),
    controller: z
      .object({
        workers,
        task_channel_length: whole(1, 10_000, 100),
        informer_timeout: whole(1, 300, 30),
        controller_timeout: whole(1, 600, 45),
        plan_cache_ttl: whole(1, 500_000, 45_000),
        plan_cache_timeout: whole(1, 50_000, 5_000),
        telemetry_endpoint: uri.default("http://prometheus-service.telemetry:9090/api/v1/query"),
        host_field: text.min(1).default("exported_instance"),
        metrics: z.array(metric).default([]),
      })
      .prefault({}),
    monitor: z
      .object({
        pod: z.object({ workers: whole(1, 1_000, 2) }).prefault({}),
        profile: z
          .object({ workers, queries: text.min(1).default("artefacts/examples/default_queries.json") })
          .prefault({}),
        intent: z.object({ workers }).prefault({}),
      })
      .prefault({}),
    planner: z.object({ astar: astar.prefault({}), stability: stability.prefault({}) }).prefault({}),
  });
}

const astar = z.object({
  opportunistic_candidates: whole(0, 1_000, 0),
  max_states: whole(1, 1_000_000, 2_000),
  max_candidates: whole(1, 1_000, 10),
  plugin_manager_endpoint: text.min(1).default("plugin-manager-service"),
  plugin_manager_port: port(33_333),
  /** Ours: milliseconds a plan may take; 0: as long as it takes. */
  time_budget: whole(0, 60_000, 1_000),
});

/** Ours: what keeps plans from flapping. Seconds, and a fraction of a target. */
const stability = z.object({
  hysteresis: within(0, 0.5, 0.05),
  deviations: within(0, 6, 3),
  shrink_cool_down: whole(0, 3_600, 90),
  stabilisation: whole(0, 3_600, 120),
  stale_after: whole(1, 3_600, 90),
});

/** `defaults.json` of planner-configmap: the prototype's keys, and then ours. */
export type PlannerConfig = z.output<ReturnType<typeof schemaFor>>;

/**
 * Reads `defaults.json` within the prototype's limits.
 *
 * @param cpus of this machine, which bounds the number of workers; the four of the shipped manifest are always taken
 * @returns warnings: keys that nobody knows
 * @throws FieldError naming file, field and value
 */
export function readPlannerConfig(
  input: unknown,
  file: string,
  cpus: number,
): { readonly config: PlannerConfig; readonly warnings: readonly string[] } {
  const config = parseWith(schemaFor(cpus), input, file);
  return { config, warnings: unknownKeys(input, config).map((key) => `${file}: ${key} is not known`) };
}
