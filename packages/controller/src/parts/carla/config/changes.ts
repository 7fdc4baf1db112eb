import { basename } from "node:path";

import { parse } from "yaml";

/** Texts of files by their names. */
export type Texts = ReadonlyMap<string, string>;

const mostTold = 20;

/**
 * What is different between two readings of the files, for people:
 * `tick.seconds: 30 → 10`, `apps[onco-app].risk: 1 → 2`, `ro.ics: other days`.
 */
export function changesBetween(before: Texts, after: Texts): string[] {
  const changes = [...after].flatMap(([file, text]) => {
    const old = before.get(file);
    if (old === undefined || old === text) return [];
    return isCalendar(text) ? [`${basename(file)}: other days`] : changesOf(old, text);
  });
  const more = changes.length - mostTold;
  return more > 0 ? [...changes.slice(0, mostTold), `and ${more} more`] : changes;
}

function isCalendar(text: string): boolean {
  return /^\s*BEGIN:VCAL/i.test(text);
}

function changesOf(before: string, after: string): string[] {
  const [old, now] = [valuesIn(before), valuesIn(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `${path}: ${old.get(path) ?? "(none)"} → ${now.get(path) ?? "(none)"}`);
}

/** Every value of a file by its path. What cannot be read has none. */
function valuesIn(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  gather(parsed(text), "", values);
  return values;
}

function parsed(text: string): unknown {
  try {
    return parse(text, { merge: true });
  } catch {
    return undefined;
  }
}

function gather(value: unknown, path: string, values: Map<string, string>): void {
  if (typeof value !== "object" || value === null) {
    if (value !== undefined) values.set(path, JSON.stringify(value));
    return;
  }
  const isList = Array.isArray(value);
  if (Object.keys(value).length === 0) values.set(path, isList ? "[]" : "{}");
  for (const [key, inner] of Object.entries(value)) {
    const step = isList ? `[${nameOf(inner) ?? key}]` : `${path === "" ? "" : "."}${key}`;
    gather(inner, `${path}${step}`, values);
  }
}

/** Applications are known by their names, not by their places. */
function nameOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  const { name, namespace } = value as { readonly name: unknown; readonly namespace?: unknown };
  if (typeof name !== "string") return undefined;
  return typeof namespace === "string" ? `${namespace}/${name}` : name;
}
