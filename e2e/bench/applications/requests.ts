import { z } from "zod";

import type { Operation } from "./operations.ts";

/** What CARLA has asked Argo CD for. */
export interface Request {
  readonly app: string;
  /** Wall milliseconds. */
  readonly atMs: number;
}

const line = z.object({ event: z.string(), app: z.string(), at: z.iso.datetime() });

/** @param lines of the journal of releases */
export function requestsOf(lines: readonly string[]): readonly Request[] {
  return lines.flatMap((text) => {
    const { event, app, at } = line.parse(JSON.parse(text));
    return event === "asked" ? [{ app, atMs: Date.parse(at) }] : [];
  });
}

/**
 * How long each request waited until Argo CD began it, seconds, the shortest first; what was never begun is left out.
 * Never below zero: Argo CD writes whole seconds.
 */
export function waits(requests: readonly Request[], operations: readonly Operation[]): readonly number[] {
  const begins = Map.groupBy(operations, ({ app }) => app);
  const seconds = requests.flatMap(({ app, atMs }) => {
    const since = (begins.get(app) ?? []).map(({ startedMs }) => startedMs - atMs).filter((ms) => ms > -1_000);
    return since.length === 0 ? [] : [Math.max(0, Math.min(...since)) / 1_000];
  });
  return seconds.toSorted((one, other) => one - other);
}
