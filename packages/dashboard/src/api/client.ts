import type { DashboardError } from "@walras/api";

/** An answer that is no success; status 0: there was none. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ApiError";
    this.status = status;
  }
}

/** Asks the controller. Paths are relative to the page, so that it may lie below any prefix. */
export interface Asking {
  /** @throws ApiError */
  ask(path: string, signal?: AbortSignal): Promise<unknown>;
  /** @throws ApiError */
  follow(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** @param token the reader's; null: it is asked without */
export function asking(fetch: typeof globalThis.fetch, token: () => string | null): Asking {
  const send = async (path: string, accept: string, signal?: AbortSignal): Promise<Response> => {
    const bearer = token();
    const headers = { accept, ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }) };
    const answer = await fetch(`api/${path}`, { headers, cache: "no-store", ...(signal ? { signal } : {}) }).catch(
      (error: unknown) => {
        throw new ApiError(0, "the controller does not answer", error);
      },
    );
    if (!answer.ok) throw new ApiError(answer.status, await complaintOf(answer));
    return answer;
  };
  return {
    ask: async (path, signal) => jsonOf(await send(path, "application/json", signal)),
    follow: async (path, signal) => {
      const { body } = await send(path, "text/event-stream", signal);
      if (body === null) throw new ApiError(0, "the stream has no body");
      return body;
    },
  };
}

async function jsonOf(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch (error) {
    throw new ApiError(0, "the answer broke off", error);
  }
}

async function complaintOf(answer: Response): Promise<string> {
  try {
    const { error } = (await answer.json()) as Partial<DashboardError>;
    return error ?? `it answered ${answer.status}`;
  } catch {
    return `it answered ${answer.status}`;
  }
}
