import type { z } from "zod";

import { type ConfigFile, valueAt } from "./configFile.ts";
import type { Path } from "./problems.ts";

/**
 * What a file says according to a schema. Each wrong value is complained of and
 * then left out, so that what is right can still be checked against the rest.
 *
 * @param schema accepts an empty mapping, and undefined as the item of any list
 */
export function parseLeniently<Schema extends z.ZodType>(schema: Schema, file: ConfigFile): z.output<Schema> {
  let input: unknown = file.value === undefined ? {} : structuredClone(file.value);
  for (;;) {
    const result = schema.safeParse(input);
    if (result.success) return result.data;
    if (isMapping(input) && !Array.isArray(input) && Object.keys(input).length === 0)
      throw new Error("the schema refuses an empty mapping", { cause: result.error });
    for (const issue of result.error.issues) {
      const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
      const value = valueAt(file.value, path);
      file.complain(path, complaintOf(issue, value));
      input = leaveOut(input, path);
    }
  }
}

/** Without the value at the path; where there is none, without what it is missing in. */
function leaveOut(input: unknown, path: Path): unknown {
  const last = path.at(-1);
  if (last === undefined) return {};
  const parent = valueAt(input, path.slice(0, -1));
  if (Array.isArray(parent)) parent[Number(last)] = undefined;
  else if (isMapping(parent) && parent[last] !== undefined) delete parent[last];
  else return leaveOut(input, path.slice(0, -1));
  return input;
}

function isMapping(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

const names: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a mapping",
  record: "a mapping",
  string: "text",
};

function complaintOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined && issue.code !== "custom" && issue.path.length > 0) return "is missing";
  if (issue.code === "invalid_type") return `is not ${names[issue.expected] ?? issue.expected}`;
  if (issue.code === "too_small" || issue.code === "too_big") return outOfBounds(issue);
  if (issue.code === "invalid_value") return `is not one of ${issue.values.join(", ")}`;
  return issue.message;
}

function outOfBounds(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  if (issue.origin === "string") return "is empty";
  if (issue.code === "too_small") return `is ${issue.inclusive === false ? "not more" : "less"} than ${issue.minimum}`;
  return `is ${issue.inclusive === false ? "not less" : "more"} than ${issue.maximum}`;
}
