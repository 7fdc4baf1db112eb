import type { Ending } from "./failures.ts";

/** One release as it was, told afterwards. Times in milliseconds since the epoch. */
export interface ReleaseRecord {
  readonly app: string;
  readonly revision: string;
  readonly startMs: number;
  /** When the cluster had nothing more to do for it. */
  readonly endMs: number;
  readonly ending: Ending;
  /** The change's, as it is; rules know parts of it. */
  readonly risk: number;
  /** An operator had consented. */
  readonly approved: boolean;
  /** What it depends on was in sync and healthy. */
  readonly inOrder: boolean;
  readonly r: number;
  /** A failure's end: the application was in order again; null: not within the week. */
  readonly recoveredMs: number | null;
}

/** Something that waited to be released; a change that comes while it still waits takes its place in the queue. */
export interface WaitRecord {
  readonly app: string;
  readonly sinceMs: number;
  /** Live and healthy; null: not within the week. */
  readonly untilMs: number | null;
}
