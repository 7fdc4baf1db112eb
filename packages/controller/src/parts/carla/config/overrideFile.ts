import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { describeError, parseWith } from "@walras/kit";
import { z } from "zod";

import type { Grant, GrantMemory, OverrideSource } from "./consent.ts";

/** The file on disk. */
export function overrideFile(file: string): OverrideSource {
  return {
    read: () => {
      try {
        const text = readFileSync(file, "utf8");
        return { text: digestOf(text), says: text, changedMs: statSync(file).mtimeMs, dated: isDated(file) };
      } catch (error) {
        if (isAbsent(error)) return null;
        throw error;
      }
    },
  };
}

/**
 * Whether the file's time is that of its last change. A volume of a ConfigMap is
 * written when a pod begins, and anew whenever any of its files changes; its
 * files are links, or mounted one by one. What git-sync keeps lies behind a link too.
 */
function isDated(file: string): boolean {
  const path = resolve(file);
  return ![path, dirname(path)].some((one) => lstatSync(one).isSymbolicLink()) && !isMounted(path);
}

function isMounted(path: string): boolean {
  try {
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    return mounts.some((line) => line.split(" ")[4] === path.replaceAll(" ", "\\040"));
  } catch {
    return false;
  }
}

const grantSchema = z.object({ text: z.string(), changedMs: z.number(), fromMs: z.number() });

/** What was granted, in a file that outlives the process. */
export class FileGrantMemory implements GrantMemory {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  read(): Grant | null {
    try {
      return parseWith(grantSchema, JSON.parse(readFileSync(this.#file, "utf8")), this.#file);
    } catch (error) {
      if (isAbsent(error)) return null;
      throw new Error(`${this.#file} cannot be read (${describeError(error)})`, { cause: error });
    }
  }

  /** Whole or not at all: half a record would be taken for none. */
  write(grant: Grant): void {
    const made = `${this.#file}.new`;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(made, `${JSON.stringify(grant)}\n`);
    renameSync(made, this.#file);
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}
