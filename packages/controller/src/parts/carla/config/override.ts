import { describeError, nearestOf } from "@walras/kit";
import { type Document, isAlias, isMap, isNode, isScalar, parseDocument } from "yaml";

/** What the text of override.yaml says. */
export interface OverrideText {
  readonly approves: boolean;
  /** From when on and until when, wall milliseconds; null: it does not say. */
  readonly atMs: number | null;
  readonly untilMs: number | null;
  /** Why it approves nothing although it says something; null: it does, or says nothing. */
  readonly complaint: string | null;
}

/** The four ways to say it that the prototype reads; `override` may be another word of the same place. */
function spellings(word: string): readonly (readonly string[])[] {
  return [[`carla.ops/${word}`], ["carla.ops", word], ["carla", `ops/${word}`], ["carla", "ops", word]];
}

/** An object's annotations, whose values are text. */
const annotations: readonly (readonly string[])[] = [
  ["annotations", "carla.ops/override"],
  ["metadata", "annotations", "carla.ops/override"],
];

const nothing: OverrideText = { approves: false, atMs: null, untilMs: null, complaint: null };

/**
 * Whether the text of override.yaml approves every high-risk release. It is
 * read as YAML 1.1, as the prototype did: `yes` and `on` are true, and text in
 * quotes is not. What cannot be read approves nothing.
 */
export function readOverride(text: string): OverrideText {
  const document = parseDocument(text, { version: "1.1", prettyErrors: false });
  const [error] = document.errors;
  if (error) return { ...nothing, complaint: `it is not valid YAML (${describeError(error)})` };
  if (isScalar(document.contents) ? document.contents.value === null : !document.contents) return nothing;
  const approves = spellings("override").some((path) => isTrue(document, path)) || isAnnotated(document);
  if (!approves) return { ...nothing, complaint: isRefusal(document) ? null : unsaid };
  return { approves, ...timesOf(document) };
}

const unsaid = "it does not say carla.ops/override: true";

function isAnnotated(document: Document): boolean {
  return annotations.some((path) => isTrue(document, path) || sourceAt(document, path)?.toLowerCase() === "true");
}

/** It says no, and means it. */
function isRefusal(document: Document): boolean {
  return [...spellings("override"), ...annotations].some((path) =>
    /^(false|no|off)$/i.test(sourceAt(document, path) ?? ""),
  );
}

/** Of the words of YAML 1.1 those that the prototype's reader knows. */
function isTrue(document: Document, path: readonly string[]): boolean {
  const node = nodeAt(document, path);
  return isScalar(node) && node.value === true && /^(true|yes|on)$/i.test(node.source ?? "");
}

function nodeAt(document: Document, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => {
    const inner = isNode(node) && "get" in node ? node.get(key, true) : undefined;
    return isAlias(inner) ? inner.resolve(document) : inner;
  }, document.contents);
}

/** What is written, whatever it is taken for. */
function sourceAt(document: Document, path: readonly string[]): string | undefined {
  const node = nodeAt(document, path);
  return isScalar(node) ? node.source?.trim() : undefined;
}

function timesOf(document: Document): Pick<OverrideText, "atMs" | "untilMs" | "complaint"> {
  const times = { atMs: null as number | null, untilMs: null as number | null };
  const mistyped = wordsOf(document).find(
    (word) => word !== "until" && nearestOf(word, ["until", "override"]) === "until",
  );
  if (mistyped !== undefined) return { ...times, complaint: `its key ${mistyped} is not known; did you mean until?` };
  for (const word of ["at", "until"] as const) {
    const written = [[word], ...spellings(word)].map((path) => sourceAt(document, path)).find(Boolean);
    if (written === undefined) continue;
    const ms = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(written) ? Date.parse(written) : NaN;
    if (Number.isNaN(ms))
      return { ...times, complaint: `its ${word}: ${JSON.stringify(written)} is not a time with a zone (RFC 3339)` };
    times[`${word}Ms`] = ms;
  }
  return { ...times, complaint: null };
}

/** Keys beside that of the override, without what they begin with. */
function wordsOf(document: Document): string[] {
  const places = [[], ["carla.ops"], ["carla"], ["carla", "ops"]].map((path) => nodeAt(document, path));
  const keys = places.flatMap((node) =>
    isMap(node) ? node.items.map(({ key }) => (isScalar(key) ? String(key.value) : "")) : [],
  );
  return keys.map((key) => key.split("/").at(-1) ?? key);
}
