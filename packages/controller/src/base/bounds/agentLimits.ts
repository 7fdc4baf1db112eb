import { longestTold } from "./clip.ts";

/** What peers can make the agents' port hold or do at most; the reasons are beside each use. */
export const agentLimits = {
  /** Connections in all: so many for each known node, and some more. */
  connectionsPerNode: 2,
  connectionsBeside: 64,
  /** Connections that have not proven a node yet; the oldest gives way to a new one. */
  unprovenConnections: 256,
  /** Of one address, unless it is this machine. */
  connectionsPerAddress: 4,
  newConnectionsPerSecond: 200,
  newConnectionsPerAddressPerSecond: 5,
  newConnectionsPerAddressBurst: 20,
  /** From connecting to a Hello that was believed: handshake, Hello and review. */
  helloMs: 10_000,
  streamsPerConnection: 4,
  connectionMemoryMiB: 4,
  hellosPerSecond: 100,
  hellosBurst: 200,
  helloBytes: 16 * 1024,
  messageBytes: 256 * 1024,
  reviewsInFlight: 4,
  reviewsWaiting: 256,
  reviewsRemembered: 20_000,
  reviewsRememberedMs: 60_000,
  reviewDeadlineMs: 10_000,
  /** A live stream's token is reviewed again when it ends, and at least as often as this. */
  reviewAgainMs: 3_600_000,
  /** The same for a token that does not tell when it ends. */
  reviewOpaqueMs: 300_000,
  reviewRetryMs: 10_000,
  /** For so long a stream lives on whose token cannot be reviewed. */
  reviewGraceMs: 600_000,
  /** One that reads nothing for so long is dropped. */
  unreadMs: 10_000,
  /** A stream that was ended has so long to hear of it. */
  lingerMs: 2_000,
  /** Reports beyond this many an interval end the stream. */
  reportsPerInterval: 4,
  reportsBurst: 20,
  /** Of one report: told in words; the others are counted. */
  rejectionsTold: 16,
  /** Containers of a node that the API server does not tell of yet. */
  newContainers: 256,
  /** Handles of containers of other nodes' pods that are passed over in silence. */
  foreignHandles: 1_024,
  containerIdChars: 128,
  /** Of one report: GPUs, and of each GPU its parts and those that have it. */
  gpus: 64,
  migDevicesPerGpu: 16,
  holdersPerGpu: 64,
  offersPerGpu: 8,
  processesPerGpu: 64,
  reasonChars: longestTold,
} as const;
