import { parseWith } from "@walras/kit";
import { z } from "zod";

import type { PlanEvent } from "../loop/ports.ts";
import { type Effect, readEffects } from "../models/effects.ts";

/** The prototype writes null for a map that it has not made. */
function mapOf<Value extends z.ZodType>(value: Value) {
  return z
    .record(z.string(), value)
    .nullish()
    .transform((read) => read ?? {});
}

const text = z.string().nullish();

/** The driver of the prototype writes the names of a pod's fields in lower case. */
const pod = z
  .object({ availability: z.number().default(1), nodename: text, state: text, qosclass: text })
  .transform(({ availability, nodename, state, qosclass }) => ({
    availability,
    nodename: nodename ?? "",
    state: state ?? "",
    qosclass: qosclass ?? "",
  }));

const action = z.object({ name: z.string(), properties: mapOf(z.union([z.number(), z.string()])) });

const eventSchema = z.object({
  name: z.string().min(1),
  timestamp: z.date(),
  current_objectives: mapOf(z.number()),
  desired_objectives: mapOf(z.number()),
  resources: mapOf(z.number()),
  annotations: mapOf(z.string()),
  pods: mapOf(pod),
  data: mapOf(mapOf(z.number())),
  plan: z
    .array(action)
    .nullish()
    .transform((read) => read ?? null),
});

/** A document of `events`, as the prototype has them. */
export type EventDocument = z.output<typeof eventSchema>;

export function eventDocument(event: PlanEvent): EventDocument {
  const { name, timestampMs, currentObjectives, desiredObjectives, resources, annotations, pods, data, plan } = event;
  return {
    name,
    timestamp: new Date(timestampMs),
    current_objectives: currentObjectives,
    desired_objectives: desiredObjectives,
    resources,
    annotations,
    pods,
    data,
    plan: plan === null ? null : [...plan],
  };
}

/** @throws FieldError naming collection, field and value */
export function readEvent(document: unknown): PlanEvent {
  const read = parseWith(eventSchema, document, "events");
  const { name, timestamp, current_objectives, desired_objectives, ...rest } = read;
  return {
    name,
    timestampMs: timestamp.getTime(),
    currentObjectives: current_objectives,
    desiredObjectives: desired_objectives,
    ...rest,
  };
}

/** A document of `effects`. */
export interface EffectDocument extends Omit<Effect, "timestamp"> {
  readonly timestamp: Date;
}

/** @param nowMs where the effect has no time */
export function effectDocument(
  { name, group, profileName, data, static: pinned, timestamp }: Effect,
  nowMs: number,
): EffectDocument {
  return { name, group, profileName, data, static: pinned, timestamp: new Date(timestamp ?? nowMs) };
}

/** @throws FieldError naming collection, field and value */
export function readEffect(document: Readonly<Record<string, unknown>>): Effect {
  const { timestamp } = document;
  const moment = timestamp instanceof Date ? timestamp.getTime() : timestamp;
  const [effect] = readEffects([{ ...document, timestamp: moment }], "effects");
  if (effect === undefined) throw new Error("an effect was read and is not there");
  return effect;
}
