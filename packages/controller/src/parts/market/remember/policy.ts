/** How use is remembered, and how far a request follows it. */
export interface RememberPolicy {
  /** Half-life of what was used: after so long a minute counts half. Full trust takes as long. */
  readonly memoryMs: number;
  /** A request is never below what was declared over this. */
  readonly overbook: number;
  /** Share of minutes that the request covers. */
  readonly percentile: number;
  /** What is kept on top, relative. */
  readonly margin: number;
  /** Nothing is lent before so many minutes were watched. */
  readonly leastWatchedMinutes: number;
  /** A request rises so long before the hour of the week that needs it. */
  readonly aheadMs: number;
}

/**
 * Measured on recorded days of a cluster: see the days benchmark. What is above
 * the percentile is not lost: recent need lifts a request at once, and what was
 * declared is given first where a node is used up. Buckets round up by 5 % in
 * the mean, which is the margin.
 */
export const defaultRememberPolicy: RememberPolicy = {
  memoryMs: 24 * 3_600_000,
  overbook: 4,
  percentile: 0.75,
  margin: 0,
  leastWatchedMinutes: 60,
  aheadMs: 10 * 60_000,
};
