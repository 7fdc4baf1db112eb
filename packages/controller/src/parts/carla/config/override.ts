import { parse } from "yaml";

const key = "carla.ops/override";

/** The ways to say it that the prototype understands, and an object's annotations. */
const spellings: readonly (readonly string[])[] = [
  [key],
  ["carla", "ops", "override"],
  ["override"],
  ["annotations", key],
  ["metadata", "annotations", key],
];

/** Whether the text of override.yaml approves every high-risk release. What cannot be read approves nothing. */
export function readOverride(text: string): boolean {
  const document = parsed(text);
  return spellings.some((path) => isTrue(path.reduce(innerOf, document)));
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

function innerOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.trim().toLowerCase() === "true");
}
