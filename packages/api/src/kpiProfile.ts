import { z } from "zod";

import { resourceOf } from "./definition.ts";
import { intentGroup } from "./intent.ts";

/** The prototype's fields, with its defaults. */
export const kpiProfileSpec = z.object({
  type: z.enum(["availability", "latency", "throughput", "power"]).describe("What the KPI is."),
  query: z.string().optional().describe("PromQL; one of the planner's own by default."),
  description: z.string().optional(),
  minimize: z.boolean().default(true).describe("Whether less is better."),
  props: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("endpoint: the whole URL of the query API, which a query of its own needs."),
});

export const kpiProfileStatus = z.object({
  resolved: z.boolean().optional().describe("Whether it can be measured."),
  reason: z.string().optional().describe("ok, or why it cannot."),
});

export type KpiProfileSpec = z.infer<typeof kpiProfileSpec>;
export type KpiProfileStatus = z.infer<typeof kpiProfileStatus>;

export const kpiProfileResource = resourceOf("KPIProfile", intentGroup);
