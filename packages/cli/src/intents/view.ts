import { readFile } from "node:fs/promises";

import type { IntentsView } from "@walras/controller/intents";
import { describeError, errorAt } from "@walras/kit";

/** It answers from memory. */
const withinMs = 10_000;

/** What the planner decided in its last round. @throws FieldError where it cannot be had */
export async function readView(url: string, tokenFile: string | undefined): Promise<IntentsView> {
  const headers = tokenFile === undefined ? {} : { authorization: `Bearer ${await tokenIn(tokenFile)}` };
  const answer = await asked(url, headers);
  if (!answer.ok) throw errorAt("--view", url, `answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return (await answer.json()) as IntentsView;
}

async function asked(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await fetch(new URL("/intents", url), { headers, signal: AbortSignal.timeout(withinMs) });
  } catch (error) {
    throw errorAt("--view", url, `does not answer (${describeError(error)})`);
  }
}

async function tokenIn(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw errorAt("--token-file", file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}
