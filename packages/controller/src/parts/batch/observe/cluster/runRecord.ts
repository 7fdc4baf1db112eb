import { createHash } from "node:crypto";

import { errorAt, parseWith } from "@walras/kit";
import { z } from "zod";

import { runsAnnotation, type ScaledJobState } from "./scaledJob.ts";

/** What is recorded of a ScaledJob's runs, in an annotation of it. */
export interface RunRecord {
  /** Runs that are not named any more. */
  readonly before: number;
  /** Jobs that have begun, by mark, oldest first. */
  readonly runs: readonly string[];
}

const schema = z.object({
  of: z.string(),
  before: z.number().int().nonnegative(),
  runs: z.array(z.string().min(1)).max(10_000),
});

/** A Job's UID in eight characters, so that thousands go into an annotation; two of ten thousand are alike once in 10^7. */
export function markOf(uid: string): string {
  return createHash("sha256").update(uid).digest("base64url").slice(0, 8);
}

/** What a ScaledJob carries. One that came with a copy of another's is as if it carried none. @throws FieldError */
export function readRecord({ namespace, name, uid, runs: text }: ScaledJobState): RunRecord {
  const none = { before: 0, runs: [] };
  if (text === "") return none;
  const field = `scaledjob ${namespace}/${name}.metadata.annotations.${runsAnnotation}`;
  const { of, before, runs } = parseWith(schema, asJson(text, field), field);
  return of === uid ? { before, runs } : none;
}

export function writeRecord({ uid }: ScaledJobState, { before, runs }: RunRecord): string {
  return JSON.stringify({ of: uid, before, runs });
}

function asJson(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw errorAt(
      field,
      text,
      "is not what was written there; without it the count begins with the Jobs that are there",
    );
  }
}
