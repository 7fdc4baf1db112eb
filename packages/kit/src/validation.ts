import type { z } from "zod";

import { errorAt, type FieldError } from "./errors.ts";

/**
 * Checks `input` against `schema`.
 *
 * @param origin where the input came from: a file, an object, a flag
 * @throws FieldError naming the first wrong field and its value
 */
export function parseWith<Schema extends z.ZodType>(schema: Schema, input: unknown, origin: string): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw firstComplaint(result.error, input, origin);
}

function firstComplaint(error: z.ZodError, input: unknown, origin: string): FieldError {
  const [issue] = error.issues;
  const path = issue?.path ?? [];
  const field = [origin, ...path.map(String)].filter(Boolean).join(".");
  return errorAt(field, valueAt(input, path), `is not valid (${issue?.message ?? "unknown"})`);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);
}
