import { z } from "zod";

import { resourceOf } from "./definition.ts";
import { condition } from "./podAllocation.ts";

export const intentGroup = "ido.intel.com";

/** Kinds of workloads that the prototype knows. */
const targetKinds = ["Deployment", "ReplicaSet"] as const;

const objective = z.object({
  name: z.string().describe("What the objective is called."),
  value: z.number().describe("The target, in the unit of what it is measured by."),
  measuredBy: z.string().describe("The KPIProfile: namespace/name."),
  tolerance: z.number().min(0).default(0).describe("A part of the value: 0.1 with 10 ms allows 11 ms."),
});

/** The prototype's fields, with its limits and defaults. */
export const intentSpec = z.object({
  targetRef: z
    .object({
      kind: z.enum(targetKinds).default("Deployment").describe("Kind of the workload."),
      name: z.string().describe("The workload: namespace/name."),
    })
    .describe("The workload that the objectives are about."),
  priority: z.number().min(0.01).max(1).default(0.01).describe("The higher is planned first."),
  active: z.boolean().default(true).describe("false: planned and told, never done."),
  objectives: z.array(objective).min(1).max(5),
});

const objectiveStatus = z.object({
  name: z.string().describe("Name of the objective."),
  profile: z.string().describe("What it is measured by."),
  current: z.number().optional().describe("What was measured; absent where nothing is known."),
  target: z.number(),
  tolerance: z.number().min(0).optional(),
  met: z.boolean().optional().describe("Whether it is within its tolerance; absent where that is not known."),
  since: z.iso.datetime().optional().describe("Since when it is, or is not."),
  stale: z.boolean().optional().describe("The current value is too old to be decided from."),
});

const values = z.array(z.object({ profile: z.string(), value: z.number() })).max(5);

const mostActions = 256;

const lastPlan = z.object({
  at: z.iso.datetime().describe("When it was made."),
  actions: z
    .array(z.object({ name: z.string().max(64), properties: z.record(z.string(), z.union([z.number(), z.string()])) }))
    .max(mostActions),
  cost: z.number().describe("Over doing nothing: 1 is as much again as the workload takes now; below 0 it saves."),
  rejected: z
    .array(z.object({ name: z.string().max(64), reason: z.string().max(1024) }))
    .max(mostActions)
    .optional()
    .describe("What it has not, and why."),
  predicted: values.optional().describe("What the KPIs were to be after it."),
  seen: values.optional().describe("What they were."),
  outcome: z.string().max(32).optional().describe("What came of it, in one word."),
  message: z.string().max(1024).optional().describe("The same in a sentence."),
});

export const intentStatus = z.object({
  observedGeneration: z.int().min(0).optional().describe("Generation of the intent that this is about."),
  verdict: z.string().max(32).optional().describe("What came of planning for it, in one word."),
  conditions: z.array(condition).max(8).optional().describe("Of types Fulfilled, Degraded, Unknown and Conflict."),
  objectives: z.array(objectiveStatus).max(5).optional(),
  lastPlan: lastPlan.optional().describe("The last plan that had an action."),
});

export type IntentSpec = z.infer<typeof intentSpec>;
export type IntentStatus = z.infer<typeof intentStatus>;

export const intentResource = resourceOf("Intent", intentGroup);
