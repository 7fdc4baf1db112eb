import { z } from "zod";

import { instantMs } from "./common.ts";

const action = z.object({
  name: z.string().describe("Of the actuator: scaleOut, rmPod."),
  properties: z.record(z.string(), z.union([z.number(), z.string()])),
});

/** An intent with what is planned for it. */
const dashboardIntent = z.object({
  name: z.string().describe("namespace/name"),
  target: z.string(),
  active: z.boolean(),
  verdict: z.string().describe("Fulfilled, Planned, Bounded, Unreachable, Held, Unknown, Conflict or Refused."),
  reason: z.string(),
  objectives: z.array(
    z.object({
      profile: z.string(),
      target: z.number(),
      value: z.number().nullable().describe("null: not known."),
      expected: z.number().nullable().describe("After the plan; null: not known."),
      met: z.boolean().nullable(),
    }),
  ),
  plan: z.array(action),
  cost: z.number().describe("Over doing nothing, in units of what the workload takes now; below 0 it saves."),
  rejected: z.array(action.extend({ reason: z.string() })),
  execution: z
    .object({ verdict: z.string(), message: z.string() })
    .nullable()
    .describe("null: nothing was to be done."),
});

/** `GET /api/intents` */
export const dashboardIntents = z.object({
  atMs: instantMs.nullable().describe("Of the last round; null: there was none yet."),
  intents: z.array(dashboardIntent),
  invalid: z.array(z.object({ name: z.string(), problem: z.string() })),
});

export type DashboardIntent = z.infer<typeof dashboardIntent>;
export type DashboardIntents = z.infer<typeof dashboardIntents>;
