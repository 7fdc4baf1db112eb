/**
 * How Argo CD begins what it is asked for. What it was asked for and has not
 * begun nobody can take back: a freeze and the end of a window hold as well as
 * this is kept short.
 */
export interface Pace {
  /** Operations that it may have been asked for and not have begun. */
  readonly most: number;
  /** The longest that one has waited of late, fading, milliseconds. */
  readonly waitMs: number;
  /** It has been too many once. */
  readonly found: boolean;
}

/** The pace, and what it has been asked for and has not begun. */
export interface Queue extends Omit<Pace, "found"> {
  readonly notBegun: number;
}

/** What was seen since the last look, milliseconds. */
interface Beginnings {
  /** How long each waited that has begun since. */
  readonly begunMs: readonly number[];
  /** How long each waits that has not. */
  readonly waitingMs: readonly number[];
  readonly elapsedMs: number;
}

export const firstPace: Pace = { most: 4, waitMs: 0, found: false };

/** Looks come once a second, so that what begins at once is seen to have by then. */
const promptMs = 1_500;
/** A wait counts half after this. */
const halfLifeMs = 300_000;
/** More than any policy has in parallel. */
const mostOfAll = 1_024;

/**
 * Half as many where one has to wait; more where as many as may be are begun at
 * once, first twice as many, and by one when the bound has been found: slow
 * start and additive increase, multiplicative decrease, as of TCP (RFC 5681).
 */
export function paceAfter(pace: Pace, { begunMs, waitingMs, elapsedMs }: Beginnings): Pace {
  const { most, found } = pace;
  const worstMs = Math.max(0, ...begunMs, ...waitingMs);
  const waitMs = Math.max(worstMs, pace.waitMs * 2 ** (-elapsedMs / halfLifeMs));
  if (waitingMs.some((ms) => ms > promptMs)) return { waitMs, most: Math.max(1, Math.floor(most / 2)), found: true };
  const used = begunMs.length > 0 && begunMs.length + waitingMs.length >= most;
  if (!used || worstMs > promptMs) return { ...pace, waitMs };
  return { waitMs, most: Math.min(mostOfAll, found ? most + 1 : most * 2), found };
}

/** How many more it may be asked for now. */
export function roomIn(queue: Queue | undefined): number {
  return queue ? Math.max(0, queue.most - queue.notBegun) : Infinity;
}
