import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { limitsSettings, marketModes } from "@walras/api";
import { describeError, errorAt, parseWith } from "@walras/kit";
import { parse } from "yaml";
import { z } from "zod";

import type { NamedPolicy } from "../simulate/simulate.ts";

/** The controller's flags by which policies differ. */
const schema = z.strictObject({
  mode: z.enum(marketModes).default("full"),
  limits: z.enum(limitsSettings).default("ample"),
  reserve: z.number().min(0).max(0.9).optional(),
  overbook: z.number().min(1).max(100).optional(),
});

/** @throws FieldError naming file, field and value */
export function readPolicy(file: string): NamedPolicy {
  const flags = parseWith(schema, parse(textOf(file)) ?? {}, file);
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return { name: basename(file), flags: given.map(([name, value]) => `--${name}=${value}`) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw errorAt(
      "--policy",
      file,
      `cannot be read (${(error as NodeJS.ErrnoException).code ?? describeError(error)})`,
    );
  }
}
