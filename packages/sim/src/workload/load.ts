import { describeError, errorAt, parseWith } from "@walras/kit";
import { z } from "zod";

import { demandSchema } from "./demand.ts";

/** What one container does: its demand, and how it takes being held back. */
export const loadSchema = z.strictObject({
  demand: demandSchema,
  /** Threads that run at once. */
  parallelism: z.number().int().positive().default(4),
  /** Work that waits when there is too little CPU, in core-seconds at most; 0: it is lost. */
  backlogSeconds: z.number().nonnegative().default(0),
  /** It ends so long after its start, well; where its pod does not start it anew. */
  endsAfterSeconds: z.number().positive().optional(),
});

/** What one container does. */
export type Load = z.output<typeof loadSchema>;

/** The load of a container about which nothing is said: it is there and does next to nothing. */
export const idleLoad: Load = { demand: { kind: "constant", cores: 0.005 }, parallelism: 4, backlogSeconds: 0 };

const prefix = "sim.walras.dev/load.";

/** The annotation of a pod that says what the container `name` does. */
export function loadAnnotation(name: string): string {
  return `${prefix}${name}`;
}

/**
 * What the container `name` of a pod with these annotations does.
 *
 * @throws FieldError naming the annotation where it cannot be read
 */
export function loadOf(annotations: Readonly<Record<string, string>> | undefined, name: string): Load {
  const field = loadAnnotation(name);
  const text = annotations?.[field];
  return text === undefined ? idleLoad : parseWith(loadSchema, parseJson(text, field), field);
}

function parseJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw errorAt(field, text, `is not JSON (${describeError(cause)})`);
  }
}
