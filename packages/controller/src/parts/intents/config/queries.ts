import { parseWith } from "@walras/kit";
import { z } from "zod";

const endpoint = z.string().max(2_048);

const queriesSchema = z.record(
  z.string().min(1),
  z.object({
    query: z.string().max(10_000).default(""),
    endpoint: endpoint.default("").refine((value) => value === "" || URL.canParse(value), { error: "is not a URL" }),
  }),
);

/** `default_queries.json` of planner-queries-configmap: by the profile's key, `namespace/name`. */
export type QueriesConfig = z.output<typeof queriesSchema>;

/** @throws FieldError naming file, field and value */
export function readQueries(input: unknown, file: string): QueriesConfig {
  return parseWith(queriesSchema, input, file);
}
