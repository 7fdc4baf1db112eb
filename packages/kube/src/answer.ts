import type { Dispatcher } from "undici";

import { linesOf, LineTooLong } from "./lines.ts";
import { KubeError, type KubeLines, type KubeRequest } from "./port.ts";

const mebi = 2 ** 20;
/** A page of 500 of the largest pods is a tenth of this. */
export const mostAnswerBytes = 64 * mebi;
/** The API server refuses objects of more than 3 MiB, and etcd of more than 1.5. */
export const mostLineUnits = 8 * mebi;

type Answer = Dispatcher.ResponseData;

/**
 * The whole answer, as JSON where it is.
 *
 * @throws KubeError where it breaks off, and where it is larger than allowed
 */
export async function bodyOf(call: KubeRequest, answer: Answer): Promise<unknown> {
  const text = await textOf(call, answer);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Takes the whole answer off the connection, which is then free for the next call. @throws KubeError where it breaks off */
export async function dropBody(call: KubeRequest, answer: Answer): Promise<void> {
  try {
    await answer.body.dump({ limit: mostAnswerBytes });
  } catch (cause) {
    throw noAnswer(call, cause);
  }
}

async function textOf(call: KubeRequest, answer: Answer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > mostAnswerBytes) throw tooLarge(call, answer, `an answer of more than ${mostAnswerBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof KubeError ? cause : noAnswer(call, cause);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/**
 * A watch's lines. A connection that breaks in the middle is told as one that
 * never answered.
 */
export async function* watchLinesOf(call: KubeRequest, answer: Answer): AsyncGenerator<string, void> {
  const lines: KubeLines = linesOf(answer.body as AsyncIterable<Uint8Array>, mostLineUnits);
  try {
    yield* lines;
  } catch (cause) {
    throw cause instanceof LineTooLong ? tooLarge(call, answer, cause.message) : noAnswer(call, cause);
  }
}

export function noAnswer({ method, path }: KubeRequest, cause: unknown): KubeError {
  return new KubeError(`${method} ${path}: no answer`, { status: 0, reason: "NoAnswer", cause });
}

/** With the status that was answered: asking again would give the same. */
function tooLarge({ method, path }: KubeRequest, { statusCode }: Answer, what: string): KubeError {
  return new KubeError(`${method} ${path}: ${what}`, { status: statusCode, reason: "TooLarge" });
}

interface StatusObject {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: KubeError["causes"]; readonly retryAfterSeconds?: number };
}

/** What a refusal says. */
export function asError(call: KubeRequest, answer: Answer, body: unknown): KubeError {
  const status: StatusObject = typeof body === "string" ? { message: body } : (body ?? {});
  const { message, reason = "", details = {} } = status;
  return new KubeError(`${call.method} ${call.path}: ${message ?? answer.statusCode}`, {
    status: answer.statusCode,
    reason,
    causes: details.causes ?? [],
    retryAfterMs: millisOf(answer.headers["retry-after"] ?? details.retryAfterSeconds),
  });
}

/** The header may hold a date too, which Kubernetes never sends. */
function millisOf(seconds: string | string[] | number | undefined): number | undefined {
  const value = seconds === undefined ? Number.NaN : Number(seconds);
  return Number.isFinite(value) ? value * 1000 : undefined;
}
