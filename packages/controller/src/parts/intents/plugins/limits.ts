/** The version of the protocol that is spoken. */
export const protocolVersion = "v1alpha1";

/** What plugins can make the planner hold or do at most. */
export const pluginLimits = {
  plugins: 32,
  nameChars: 63,
  /** Longest DNS name and a port. */
  endpointChars: 260,
  tokenChars: 4_096,
  registrationBytes: 16 * 1024,
  /** Of an answer: a thousand pods take some 80 KiB a state. */
  messageBytes: 2 * 1024 * 1024,
  statesPerAnswer: 256,
  podsPerState: 1_024,
  /** Of resources, annotations, host metrics and their nodes, properties. */
  entriesPerMap: 1_024,
  textChars: 4_096,
  /** What is remembered of answers while a plan is made: states, pods, resources and so on. */
  entriesPerPlan: 200_000,
  /** From connecting to a plugin to its being ready; the prototype's own plugins wait 10 s for their registration. */
  dialMs: 5_000,
  nextStateMs: 1_000,
  performMs: 10_000,
  effectMs: 10_000,
  /** As the prototype has it: not ready in so many looks in a row, and a plugin is dropped. */
  sweepMs: 5_000,
  sweeps: 4,
  /** After a failure a plugin is left alone, each time for longer. */
  backoff: { firstMs: 500, maxMs: 60_000 },
  /** To a plugin that has restarted. */
  firstReconnectMs: 100,
  mostReconnectMs: 1_000,
  /** Of planning with plugins. */
  rounds: 32,
  questionsPerPlan: 1_000,
  planMs: 3_000,
  /** A plugin learns of an intent this often at most. */
  effectEveryMs: 60_000,
  /** Of ours that serve a foreign planner: states that it was told of. */
  statesRemembered: 20_000,
  stateRememberedMs: 60_000,
  /** As the prototype's plugins have it: how often they try to register, and how long each try may take. */
  registerEveryMs: 5_000,
  registerMs: 10_000,
  /** Connections of plugins that register; each needs one, for a moment. */
  connections: 128,
  connectionsPerAddress: 16,
  newConnectionsPerSecond: 50,
  proveMs: 30_000,
  connectionMemoryMiB: 4,
} as const;
