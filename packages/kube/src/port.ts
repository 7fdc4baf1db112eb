import { cutToBytes } from "./text.ts";

/** One call of the Kubernetes REST API. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute path, each segment already encoded: /api/v1/namespaces/default/pods */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Of the body; application/json unless told. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Nobody reads what a success answers: it is not parsed. */
  readonly unread?: true;
}

/** A watch's events, one JSON document a line. Ends when the server ends it. */
export type KubeLines = AsyncIterable<string>;

/**
 * The way to an API server: the real one over HTTPS, or the embedded one over
 * HTTP or by a direct call.
 */
export interface KubeTransport {
  /** @throws KubeError for every answer that is not 2xx, and where there is no answer */
  send(request: KubeRequest): Promise<unknown>;
  /** @throws KubeError as `send`, before the first line */
  stream(request: KubeRequest): Promise<KubeLines>;
}

/** A server may put a whole object, or a page of HTML, into what it says. */
const longestMessageBytes = 1024;

/** Why an API call failed, as the server's Status object tells it. */
export class KubeError extends Error {
  /** HTTP status; 0 where there was no answer at all. */
  readonly status: number;
  /** The Status object's reason: NotFound, Conflict, Expired, Invalid, Forbidden … */
  readonly reason: string;
  /** details.causes[] of the Status object. */
  readonly causes: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  /** From Retry-After, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    answer: {
      status: number;
      reason: string;
      causes?: KubeError["causes"];
      retryAfterMs?: number | undefined;
      cause?: unknown;
    },
  ) {
    super(cutToBytes(message, longestMessageBytes), answer.cause === undefined ? undefined : { cause: answer.cause });
    this.name = "KubeError";
    this.status = answer.status;
    this.reason = answer.reason;
    this.causes = answer.causes ?? [];
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** A kind of object and where its REST endpoints are. */
export interface Resource {
  /** "v1" or "group/version" */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Which object, of a known resource. */
export interface ObjectName {
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}
