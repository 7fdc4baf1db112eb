import type { IncomingHttpHeaders } from "node:http";

/** An answer to what is no question. */
export interface Turned {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request, as far as its headers tell. */
export interface Headed {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Where the API server asks. */
export const reviewPath = "/mutate";

/** Why a request is turned away before its body is read; null: it may be a question. */
export function refusalOf({ method = "", url = "", headers }: Headed, mostBytes: number): Turned | null {
  const path = url.split("?")[0] ?? "";
  if (path !== reviewPath) return { status: 404, text: `${path}: there is ${reviewPath} and nothing else` };
  if (method !== "POST") return { status: 405, text: `method: ${method} is not POST`, headers: { allow: "POST" } };
  return ofBody(headers, mostBytes);
}

function ofBody(headers: IncomingHttpHeaders, mostBytes: number): Turned | null {
  const { "content-type": type = "nothing", "content-encoding": encoding, "content-length": length = "0" } = headers;
  if (!/^application\/json\s*(;|$)/i.test(type))
    return { status: 415, text: `content-type: ${type} is not application/json` };
  if (encoding !== undefined && encoding !== "identity")
    return { status: 415, text: `content-encoding: ${encoding} is not read here` };
  return Number(length) > mostBytes ? tooLong(length, mostBytes) : null;
}

export function tooLong(length: string, mostBytes: number): Turned {
  return { status: 413, text: `content-length: ${length} is more than ${mostBytes}` };
}

export const busy: Turned = { status: 503, text: "too many questions at once", headers: { "retry-after": "1" } };
