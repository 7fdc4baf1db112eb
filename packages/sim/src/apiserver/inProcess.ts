import { KubeError, type KubeLines, type KubeRequest, type KubeTransport } from "@walras/kube";

import type { ApiAnswer, ApiRequest, WatchAnswer } from "./exchange.ts";
import { LineQueue } from "./lineQueue.ts";
import type { Cause } from "./status.ts";

interface Handler {
  handle(request: ApiRequest): Promise<ApiAnswer | WatchAnswer>;
}

/**
 * Calls `server` directly: no sockets and no waiting, so it works under a
 * virtual clock. Bodies are copied on the way in, as JSON would; answers are
 * frozen.
 */
export function inProcessTransport(server: Handler, userAgent = "in-process"): KubeTransport {
  return {
    send: async (request) => {
      const answer = await untilAborted(server.handle(requestOf(request, userAgent)), request.signal);
      if ("open" in answer) throw new KubeError("a watch was asked for by send", { status: 0, reason: "BadRequest" });
      if (answer.status >= 300) throw errorOf(request, answer);
      return answer.value();
    },
    stream: async (request) => {
      const answer = await untilAborted(server.handle(requestOf(request, userAgent)), request.signal);
      if (!("open" in answer)) throw errorOf(request, answer);
      return linesOf(answer, request.signal);
    },
  };
}

function requestOf(
  { method, path, query = {}, body, contentType = "application/json" }: KubeRequest,
  userAgent: string,
): ApiRequest {
  const copied =
    body === undefined ? {} : { body: JSON.parse(typeof body === "string" ? body : JSON.stringify(body)) as unknown };
  const [bare = "", search = ""] = path.split("?");
  return {
    method,
    path: bare,
    query: { ...Object.fromEntries(new URLSearchParams(search)), ...query },
    ...copied,
    contentType,
    userAgent,
  };
}

function linesOf(answer: WatchAnswer, signal: AbortSignal | undefined): KubeLines {
  const queue = new LineQueue();
  const close = answer.open({ line: (text) => queue.push(text), end: () => queue.end() });
  const stop = (): void => {
    close();
    queue.end();
  };
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  queue.onReturn = stop;
  return queue;
}

function untilAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal | undefined): Promise<Answer> {
  if (!signal) return answer;
  return new Promise((resolve, reject) => {
    const abort = (): void =>
      reject(new KubeError("the call was aborted", { status: 0, reason: "Aborted", cause: signal.reason }));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

interface StatusBody {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: readonly Cause[]; readonly retryAfterSeconds?: number };
}

function errorOf({ method, path }: KubeRequest, { status, value }: ApiAnswer): KubeError {
  const { message = "", reason = "", details = {} } = value() as StatusBody;
  const { causes, retryAfterSeconds } = details;
  return new KubeError(`${method} ${path}: ${message}`, {
    status,
    reason,
    ...(causes ? { causes } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterMs: retryAfterSeconds * 1000 }),
  });
}
