/** What peers can make the dashboard's port hold or do at most; the reasons are beside each use. */
export const dashboardLimits = {
  connections: 128,
  /** A browser has up to six, and one proxy may speak for several. */
  connectionsPerAddress: 48,
  requestsPerConnection: 10_000,
  requestsAtOnce: 1,
  headersMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 30_000,
  responseMs: 10_000,
  responseBytes: 32 * 1024 * 1024,
  headerBytes: 16 * 1024,
  bodyBytes: 1_024,
  /** Streams of events at a time. */
  streams: 32,
  /** A peer that leaves more than this unread is dropped; it may come again. */
  unreadBytes: 1024 * 1024,
  heartbeatMs: 15_000,
  /** Between two summaries. */
  summaryMs: 1_000,
  /** Decisions that everybody is told of; what is more is counted. */
  decisionsPerSecond: 10,
  decisionsBurst: 40,
  /** Of the past, at the beginning of a stream. */
  pastDecisions: 20,
  reasonChars: 512,
  /** Of one pod, in its time line. */
  podDecisions: 200,
  /** Of one node. */
  podsOfNode: 500,
  /** Lines about who was turned away. */
  refusalsPerSecond: 1,
  refusalsBurst: 20,
} as const;
