import { InputError, parseWith } from "@walras/kit";
import { z } from "zod";

import type { HistoryQuery } from "./history.ts";

const mostEntries = 1_000;
const instant = z
  .string()
  .transform((text, context) => {
    const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
    if (Number.isFinite(ms)) return ms;
    context.addIssue({ code: "custom", message: "expected a time as ISO 8601 or milliseconds since 1970" });
    return z.NEVER;
  })
  .optional();
const text = z.string().min(1).max(253).optional();

const schema = z.strictObject({
  part: text,
  kind: text,
  namespace: z.string().max(253).optional(),
  name: text,
  uid: text,
  since: instant,
  until: instant,
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(mostEntries).default(100),
});

/** @throws FieldError naming the parameter and its value */
export function readHistoryQuery(parameters: unknown, lastEventId?: string): HistoryQuery {
  const { since, until, ...query } = parseWith(schema, parameters, "query");
  const resumed = lastEventId === undefined || lastEventId === "" ? {} : { after: idOf(lastEventId) };
  return { ...query, sinceMs: since, untilMs: until, ...resumed };
}

function idOf(lastEventId: string): number {
  const id = Number(lastEventId);
  if (!Number.isSafeInteger(id) || id < 0)
    throw new InputError(`Last-Event-ID: ${JSON.stringify(lastEventId.slice(0, 40))} is no id`);
  return id;
}
