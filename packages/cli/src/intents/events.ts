import { join } from "node:path";

import { type Profile, readJson } from "@walras/controller/intents";
import { parseWith } from "@walras/kit";
import { z } from "zod";

import { podSchema } from "./state.ts";

const action = z.object({ name: z.string(), properties: z.record(z.string(), z.union([z.number(), z.string()])) });

/** A map without entries is written as a list now and then. */
const hostMetrics = z.preprocess(
  (value) => (Array.isArray(value) && value.length === 0 ? {} : value),
  z.record(z.string(), z.record(z.string(), z.number())),
);

const eventSchema = z.object({
  name: z.string().regex(/^[^/]+\/[^/]+$/),
  current_objectives: z.record(z.string(), z.number()),
  desired_objectives: z.record(z.string(), z.number()),
  resources: z.record(z.string(), z.number()),
  annotations: z.record(z.string(), z.string()).default({}),
  pods: z.record(z.string(), podSchema),
  data: hostMetrics.default({}),
  plan: z.array(action).nullable(),
});

/** What the prototype has recorded of one moment, as its knowledge base has it. */
export type Event = z.output<typeof eventSchema>;

/** What it writes where a query has no answer. */
export const noAnswer = -1;

/** @throws FieldError naming file, field and value */
export function readEvents(folder: string): Event[] {
  return parseWith(z.array(eventSchema), readJson(join(folder, "events.json"), "--trace"), "events.json");
}

/** Events do not tell of profiles, so that their names must. */
export function profileOf(name: string): Profile {
  if (name.includes("latency")) return { type: "latency", minimize: true };
  if (name.includes("power")) return { type: "power", minimize: true };
  return { type: name.includes("availability") ? "availability" : "throughput", minimize: false };
}
