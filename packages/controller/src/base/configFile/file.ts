import { errorAt, type FieldError, nearestOf } from "@walras/kit";
import type { z } from "zod";

import { YamlText } from "./document.ts";
import { ConfigFileError, type FileComplaint } from "./errors.ts";

/** Something that a schema does not take. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is wrong with a value, as zod tells it. */
type SchemaIssue = z.core.$ZodIssue;

/** No file that people write is longer; a ConfigMap never is. */
const mostBytes = 2 ** 20;

/** A configuration file whose keys and kinds of values are as its schema wants them. */
export class ConfigFile {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly #text: YamlText;

  /** @throws ConfigFileError naming everything that is wrong with it */
  constructor(name: string, text: string, schema: z.ZodObject) {
    this.name = name;
    this.#text = readable(name, text);
    const value = this.#text.value() ?? {};
    const { error } = schema.safeParse(value);
    if (error) throw this.#refused(error.issues.flatMap((issue) => this.#complaintsOf(issue, value, schema)));
    this.values = value as Readonly<Record<string, unknown>>;
  }

  /** @throws ConfigFileError where there are any: each is about a value of this file */
  refuse(issues: readonly Issue[]): void {
    if (issues.length > 0) throw this.#refused(issues.map((issue) => this.#complaint(issue, this.values)));
  }

  /** The error of a flag that was read from this file, with its place. @param path of its value in the file */
  located(error: FieldError, path: readonly PropertyKey[]): ConfigFileError {
    const message = `${shownPath(path)}${error.message.slice(error.field.length)}`;
    return this.#refused([{ place: this.#text.placeOf(path), message }]);
  }

  #complaintsOf(issue: SchemaIssue, value: unknown, { shape }: z.ZodObject): FileComplaint[] {
    if (issue.code !== "unrecognized_keys") return [this.#complaint(issue, value)];
    const { path, keys } = issue;
    return keys.map((key) => {
      const known = path.length === 0 ? nearestOf(key, Object.keys(shape)) : null;
      const advice = known === null ? "" : `: did you mean ${known}?`;
      const place = this.#text.placeOfKey(path, key);
      return { place, message: `${shownPath([...path, key])}: there is no such key${advice}` };
    });
  }

  #complaint({ path, message }: Issue, value: unknown): FileComplaint {
    const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
    const error = errorAt(shownPath(path), found, `is not valid (${message})`);
    return { place: this.#text.placeOf(path), message: error.message };
  }

  #refused(complaints: readonly FileComplaint[]): ConfigFileError {
    return new ConfigFileError(this.name, complaints);
  }
}

/** @throws ConfigFileError */
function readable(name: string, text: string): YamlText {
  const start = { line: 1, column: 1 };
  if (Buffer.byteLength(text) > mostBytes)
    throw new ConfigFileError(name, [{ place: start, message: `has more than ${mostBytes} bytes` }]);
  const yaml = new YamlText(text);
  const errors = yaml.errors();
  if (errors.length > 0) throw new ConfigFileError(name, errors);
  try {
    yaml.value();
  } catch (error) {
    throw new ConfigFileError(name, [{ place: start, message: `cannot be read (${String(error)})` }]);
  }
  return yaml;
}

/** policies[0].min-cpu */
function shownPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the file";
  return path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}${text === "" ? "" : "."}${String(key)}`),
    "",
  );
}
