import { z } from "zod";

import type { ConfigFile } from "./configFile.ts";
import type { Path } from "./problems.ts";

/** Warns of each key of a file that its schema does not know, with the known key that is most like it. */
export function warnOfUnknownKeys(schema: z.ZodType, file: ConfigFile): void {
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
  const nearest = nearestOf(key, Object.keys(shape));
  file.warn(path, `is not a known key${nearest === null ? "" : `; did you mean ${nearest}?`}`);
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.unwrap());
  }
  return schema;
}

/** The word that takes the fewest edits; null where that would be half of the key. */
function nearestOf(key: string, words: readonly string[]): string | null {
  const [nearest] = words
    .map((word) => ({ word, edits: editsBetween(key.toLowerCase(), word.toLowerCase()) }))
    .toSorted((one, other) => one.edits - other.edits);
  return nearest && nearest.edits <= Math.max(2, key.length / 2) ? nearest.word : null;
}

/** Levenshtein's distance, a row at a time. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split("").entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of other.split("").entries()) {
      const kept = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(kept, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
