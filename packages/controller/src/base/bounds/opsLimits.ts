/** What peers can make the ops port hold or do at most; the reasons are beside each use. */
export const opsLimits = {
  /** The oldest that waits for nothing gives way to a new one. */
  connections: 64,
  /** Of one address, unless it is this machine. */
  connectionsPerAddress: 8,
  requestsPerConnection: 1_000,
  /** At once on one connection; one that asks for more is ended. */
  requestsAtOnce: 1,
  /** From the first byte of a request to its last header, and to its end. */
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 15_000,
  /** From a request to the last byte that its peer takes. */
  responseMs: 10_000,
  /** Answers under way in all; the oldest is given up where there are more. */
  responseBytes: 32 * 1024 * 1024,
  headerBytes: 8 * 1024,
  bodyBytes: 1_024,
  /** A view and the metrics are rendered once in so long, and shared. */
  renderMs: 250,
  accessReviewsInFlight: 2,
  accessReviewsWaiting: 64,
  accessRemembered: 1_000,
  accessRememberedMs: 10_000,
  accessDeadlineMs: 5_000,
} as const;
