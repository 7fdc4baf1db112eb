import { readFileSync } from "node:fs";

import { errorAt } from "@walras/kit";

/** @throws FieldError when it cannot be read */
export function readText(flag: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw errorAt(flag, file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}

/** @throws FieldError when it cannot be read, or is not JSON */
export function readJson(flag: string, file: string): unknown {
  const text = readText(flag, file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw errorAt(file, text, `is not JSON (${error instanceof Error ? error.message : "unknown"})`);
  }
}
