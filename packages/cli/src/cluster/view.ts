import { readFile } from "node:fs/promises";

import { describeError, errorAt } from "@walras/kit";

/** It answers from memory. */
const withinMs = 10_000;

/**
 * What a controller shows under a path of its ops port.
 *
 * @param tokenFile with a bearer token of somebody who may get the path
 * @throws FieldError where it cannot be had
 */
export async function readView(path: string, url: string, tokenFile: string | undefined): Promise<unknown> {
  const headers = tokenFile === undefined ? {} : { authorization: `Bearer ${await tokenIn(tokenFile)}` };
  const answer = await asked(path, url, headers);
  if (!answer.ok) throw errorAt("--view", url, `answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return answer.json();
}

async function asked(path: string, url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(withinMs) });
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
