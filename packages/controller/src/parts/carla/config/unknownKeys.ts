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

/** The word that takes the fewest edits, or holds the key; null where that would be half of the key. */
function nearestOf(key: string, words: readonly string[]): string | null {
  const [nearest] = words
    .map((word) => ({ word, edits: distanceOf(key.toLowerCase(), word.toLowerCase()) }))
    .toSorted((one, other) => one.edits - other.edits);
  return nearest && nearest.edits <= Math.max(2, key.length / 2) ? nearest.word : null;
}

/** A word of which the key is a part is as near as can be without being it. */
function distanceOf(key: string, word: string): number {
  return key !== word && key.length > 3 && word.includes(key) ? 1 : editsBetween(key, word);
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
