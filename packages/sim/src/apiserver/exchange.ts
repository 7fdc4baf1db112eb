/** One HTTP call, with its body already read. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query; segments still encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The decoded JSON or YAML body; undefined where there is none. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly userAgent?: string;
  /** Asks for a Table where it says so. */
  readonly accept?: string;
}

/** A complete answer: as a value for callers in the process, as text for the wire. */
export interface ApiAnswer {
  readonly status: number;
  /** Frozen, or made for this answer. */
  readonly value: () => unknown;
  readonly text: () => string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a watch's lines go. */
export interface WatchSink {
  /** One JSON document, without a line break. */
  readonly line: (text: string) => void;
  readonly end: () => void;
}

/** The answer to a watch: opened once, and closed by what `open` returns. */
export interface WatchAnswer {
  readonly open: (sink: WatchSink) => () => void;
}

export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): ApiAnswer {
  return { status, value: () => value, text: () => JSON.stringify(value), headers };
}

export function textAnswer(status: number, text: string): ApiAnswer {
  return { status, value: () => text, text: () => text, contentType: "text/plain; charset=utf-8" };
}

/** Whether a query parameter says yes. */
export function isOn(value: string | undefined): boolean {
  return value === "true" || value === "1";
}
