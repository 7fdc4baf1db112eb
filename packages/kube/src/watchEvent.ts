import { KubeError } from "./port.ts";

/** As much of an object as every kind has. */
export interface RawObject {
  readonly metadata?: {
    readonly uid?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly resourceVersion?: string;
  };
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: RawObject;
}

const types: readonly string[] = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"] satisfies WatchEvent["type"][];

/**
 * Reads one line of a watch.
 *
 * @throws KubeError for the ERROR event, by which a watch that has begun is refused
 * @throws Error for what is no event
 */
export function parseWatchEvent(line: string): WatchEvent {
  const { type, object } = JSON.parse(line) as { type?: string; object?: unknown };
  if (type === "ERROR") throw refusal(object);
  if (type === undefined || !types.includes(type) || typeof object !== "object" || object === null) {
    throw new Error(`watch: ${JSON.stringify(type)} is no event with an object`);
  }
  return { type, object } as WatchEvent;
}

function refusal(status: unknown): KubeError {
  const {
    code = 0,
    reason = "",
    message = "",
  } = (status ?? {}) as {
    readonly code?: number;
    readonly reason?: string;
    readonly message?: string;
  };
  return new KubeError(`watch: ${message}`, { status: code, reason });
}

/** Empty where it has none, so that it finds nothing. */
export function uidOf({ metadata }: RawObject): string {
  return metadata?.uid ?? "";
}
