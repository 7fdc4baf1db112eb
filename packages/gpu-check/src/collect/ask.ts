import { describeError, parseWith } from "@walras/kit";

import { sightSchema } from "../sight/sight.ts";
import type { Answer } from "../verdict/verdict.ts";

/** Asks the pod with this ordinal what it sees. Never throws: who does not answer is an answer too. */
export interface Pods {
  ask(podIndex: number, signal: AbortSignal): Promise<Answer>;
}

const deadlineMs = 5_000;
const mostBytes = 256 * 1024;
/** What resolvers say of a name that does not exist. */
const noName = new Set(["ENOTFOUND", "EAI_NONAME"]);

/** @param template a URL with `{}` for the ordinal: http://gpu-scheduler-check-{}.gpu-scheduler-check:8080/ */
export function podsAt(template: string): Pods {
  return {
    ask: async (podIndex, signal) => {
      const url = template.replaceAll("{}", String(podIndex));
      try {
        const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]) });
        if (!response.ok) return { kind: "silent", reason: `${url} answers ${response.status}` };
        const sight = parseWith(sightSchema, JSON.parse(await textOf(response)), url);
        return { kind: "sight", sight };
      } catch (error) {
        return answerTo(error, url);
      }
    },
  };
}

function answerTo(error: unknown, url: string): Answer {
  const host = URL.parse(url)?.hostname ?? url;
  const cause = error instanceof Error ? (error.cause as { readonly code?: string } | undefined) : undefined;
  if (noName.has(cause?.code ?? "")) return { kind: "missing", reason: `${host} has no address: no such pod runs` };
  return { kind: "silent", reason: `${url}: ${describeError(error)}` };
}

/** What a peer sends is read so far and no further. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
