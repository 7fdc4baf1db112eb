import { isMap } from "../objects/model.ts";

type Step = (value: unknown) => unknown;

const stepPattern = /\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]|\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]/g;

/**
 * A reader for the JSONPath subset of printer columns: members, indexes and
 * `[?(@.type=="Ready")]`. What the subset lacks reads as undefined.
 */
export function jsonPathReader(path: string): (root: unknown) => unknown {
  const steps = [...path.matchAll(stepPattern)].map(stepOf);
  return (root) => steps.reduce<unknown>((value, step) => step(value), root);
}

function stepOf([, member, quoted, index, key, wanted]: RegExpMatchArray): Step {
  const name = member ?? quoted;
  if (name !== undefined) return (value) => (isMap(value) ? value[name] : undefined);
  if (index !== undefined) return (value) => (Array.isArray(value) ? (value[Number(index)] as unknown) : undefined);
  const read = jsonPathReader(`.${key ?? ""}`);
  return (value) => (Array.isArray(value) ? value.find((element) => read(element) === wanted) : undefined);
}
