import { errorAt } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { z } from "zod";

import type { Freeze } from "../config/policy.ts";
import { Note } from "./notes.ts";

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const schema = z.object({
  from: instant,
  until: instant.nullable(),
  except: z.array(z.string().min(1)),
  inFlight: z.enum(["continue", "end"]),
  by: z.string(),
});

const name = "carla-freeze";
const key = "carla.ops/freeze";

/** Where `walras carla freeze` writes and CARLA reads: in CARLA's own namespace. */
export function freezeNote(transport: KubeTransport, namespace: string): Note {
  return new Note(transport, { namespace, name, key });
}

/** As it is written down. */
export function freezeText({ fromMs, untilMs, except, inFlight, by }: Freeze): string {
  const time = (ms: number): string => new Date(ms).toISOString();
  const until = untilMs === null ? null : time(untilMs);
  return JSON.stringify({ from: time(fromMs), until, except: [...except].toSorted(), inFlight, by });
}

/** @throws FieldError naming the object */
export function readFreeze(text: string, namespace: string): Freeze {
  try {
    const { from, until, except, inFlight, by } = schema.parse(JSON.parse(text));
    return { fromMs: from, untilMs: until, except: new Set(except), inFlight, by };
  } catch {
    const field = `Lease ${namespace}/${name}.metadata.annotations.${key}`;
    throw errorAt(field, text, "is no freeze (walras carla freeze writes one, unfreeze removes it)");
  }
}
