import type { Command, Option } from "commander";
import { z } from "zod";

import { partNames, separated } from "../config/flags.ts";

/** A flag that a file may have. */
export interface FileKey {
  /** As the flag is called, without dashes; of --no-X it is X. */
  readonly key: string;
  /** As its part's schema calls it. */
  readonly attribute: string;
  readonly option: Option;
}

/** The file that names a file would have no end; of the version one only asks. */
const notInFiles = new Set(["config", "version"]);

/** Every flag of the command that a file may have. */
export function fileKeys(program: Command): readonly FileKey[] {
  return program.options
    .map((option) => ({ key: keyOf(option), attribute: option.attributeName(), option }))
    .filter(({ key }) => !notInFiles.has(key));
}

function keyOf({ long, negate }: Option): string {
  return (long ?? "").slice(negate ? "--no-".length : "--".length);
}

/** What a file may hold: the flags' names, each with the kind of value that its flag takes, and what only files have. */
export function fileSchema(program: Command, fileOnly: z.ZodRawShape): z.ZodObject {
  const shape = Object.fromEntries(fileKeys(program).map(({ key, option }) => [key, documented(option)]));
  return z.strictObject({ ...shape, ...fileOnly }).partial();
}

function documented(option: Option): z.ZodType {
  const { description, defaultValue } = option as Option & { readonly defaultValue?: unknown };
  const shown = isShown(defaultValue) ? { default: defaultValue } : {};
  return schemaOf(option).meta({ description: option.negate ? `false: ${description}` : description, ...shown });
}

function isShown(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function schemaOf(option: Option): z.ZodType {
  if (option.isBoolean() || option.negate) return z.boolean();
  if (option.argChoices) return z.enum(option.argChoices);
  const word = z.union([z.string(), z.number()], { error: "expected a text or a number" });
  if (!isList(option)) return word;
  return z.union([z.string(), z.array(z.string())], { error: "expected a list of texts" });
}

function isList({ parseArg }: Option): boolean {
  return parseArg === separated || parseArg === partNames;
}

/** A file's value as the flag's would be read. */
export function valueOf({ option }: FileKey, value: unknown): unknown {
  if (isList(option) && typeof value === "string") return separated(value);
  return typeof value === "number" ? String(value) : value;
}
