import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { parseAllDocuments } from "yaml";

import { complainOf, type Finding } from "./finding.ts";
import type { Source } from "./model.ts";

/** The objects of all YAML files of a folder, and what could not be read. */
export async function loadFolder(
  folder: string,
  root: string,
): Promise<{ readonly sources: readonly Source[]; readonly unread: readonly Finding[] }> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).toSorted();
  const sources: Source[] = [];
  const unread: Finding[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const complain = complainOf(relative(root, path));
    for (const [index, document] of parseAllDocuments(await readFile(path, "utf8")).entries()) {
      const [error] = document.errors;
      const value: unknown = error ? undefined : document.toJS();
      if (error) unread.push(complain(`document ${index}`, error.message.split("\n")[0], "is no YAML"));
      else if (isObject(value)) sources.push({ object: value, complain });
      else unread.push(complain(`document ${index}`, value, "is no object with a kind"));
    }
  }
  return { sources, unread };
}

function isObject(value: unknown): value is Source["object"] {
  return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}
