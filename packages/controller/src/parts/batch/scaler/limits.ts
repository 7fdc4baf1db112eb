/** What callers can make the external scaler hold or do at most; the reasons are beside each use. */
export const scalerLimits = {
  messageBytes: 64 * 1024,
  callsPerConnection: 1_000,
  connectionMemoryMiB: 16,
  /** The oldest gives way to a new one. */
  connections: 256,
  /** Of one address, unless it is this machine: KEDA keeps one of each of its pods. */
  connectionsPerAddress: 32,
  newConnectionsPerSecond: 200,
  newConnectionsPerAddressPerSecond: 20,
  newConnectionsPerAddressBurst: 64,
  /** From connecting to the first bytes, which tell what is spoken. */
  firstBytesMs: 5_000,
  openStreams: 1_000,
  /** Names of objects, as Kubernetes bounds them. */
  nameChars: 253,
  metadataValueChars: 1_024,
  /** Answers of polls that were not finished. */
  snapshots: 5_000,
} as const;
