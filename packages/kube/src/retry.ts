import { type Clock, sleep } from "@walras/kit";

import { KubeError, type KubeRequest, type KubeTransport } from "./port.ts";

const mostTries = 3;
/** Whoever is asked to wait longer than this is better told. */
const longestPauseMs = 10_000;

/**
 * Waits and asks again where the server says when (429 or 503 with
 * Retry-After), for reads only: a write's owner must know that it was refused.
 */
export function retryReads(transport: KubeTransport, clock: Clock): KubeTransport {
  const persist = async <Answer>(request: KubeRequest, ask: () => Promise<Answer>): Promise<Answer> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask();
      } catch (error) {
        const pauseMs = pauseAfter(request, error);
        if (pauseMs === undefined || tries >= mostTries) throw error;
        await sleep(clock, pauseMs, request.signal);
      }
    }
  };
  return {
    send: (request) => persist(request, () => transport.send(request)),
    stream: (request) => persist(request, () => transport.stream(request)),
  };
}

function pauseAfter({ method, signal }: KubeRequest, error: unknown): number | undefined {
  if (method !== "GET" || signal?.aborted || !(error instanceof KubeError)) return undefined;
  if (error.status !== 429 && error.status !== 503) return undefined;
  const { retryAfterMs } = error;
  return retryAfterMs !== undefined && retryAfterMs <= longestPauseMs ? retryAfterMs : undefined;
}
