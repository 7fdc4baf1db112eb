import { nearestOf } from "@walras/kit";
import { z } from "zod";

import type { ConfigFile } from "./configFile.ts";
import type { Path } from "./problems.ts";

/** Sections that neither open a window nor begin a release: a mistyped key of theirs is worth a warning. */
const harmless = new Set<Path[number]>(["weights", "logging"]);

/**
 * Tells of each key of a file that its schema does not know, with the known key
 * that is most like it. What is mistyped is not in force: a block that does not
 * block, a risk that is the default. So it is refused, except in sections where
 * it cannot do harm. Keys that begin with `x-` are the user's own.
 */
export function checkKeys(schema: z.ZodType, file: ConfigFile): void {
  visit(schema, file.value, { path: [], file });
}

interface Place {
  readonly path: Path;
  readonly file: ConfigFile;
}

function visit(schema: z.core.$ZodType, value: unknown, { path, file }: Place): void {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(inner.element, item, { path: [...path, index], file });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const place: Place = { path: [...path, key], file };
    if (inner instanceof z.ZodRecord) visit(inner.valueType, item, place);
    else if (inner instanceof z.ZodObject) visitKey(inner.shape, item, { ...place, key });
  }
}

function visitKey(shape: z.core.$ZodShape, value: unknown, { path, file, key }: Place & { key: string }): void {
  const known = Object.hasOwn(shape, key) ? shape[key] : undefined;
  if (known) return visit(known, value, { path, file });
  if (key.startsWith("x-")) return;
  const nearest = nearestOf(key, Object.keys(shape));
  const complaint = `is not a known key${nearest === null ? "" : `; did you mean ${nearest}?`}`;
  if (harmless.has(path[0] ?? "")) file.warn(path, complaint);
  else file.complain(path, complaint);
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.unwrap());
  }
  return schema;
}
