/** What peers can make the webhook's port hold or do at most; the reasons are beside each use. */
export const admissionLimits = {
  /** Beyond it the oldest that has nothing under way gives way; an API server without HTTP/2 opens one for each pod in creation. */
  connections: 512,
  connectionsPerAddress: 256,
  newConnectionsPerSecond: 500,
  newConnectionsPerAddressPerSecond: 200,
  newConnectionsPerAddressBurst: 400,
  handshakeMs: 5_000,
  /** From connecting, and from each answer, to a whole question: who is idle or slow for so long is ended. */
  questionMs: 30_000,
  /** From the last header of a question to the last byte of its answer. */
  answerMs: 10_000,
  headerBytes: 16 * 1024,
  /** The API server takes pods of 1.5 MiB, and a review may hold two. */
  bodyBytes: 3 * 1024 * 1024,
  /** Questions under way, and the bytes of them that are held meanwhile. */
  questions: 128,
  heldBytes: 32 * 1024 * 1024,
  /** From the end of the port to the end of what is under way. */
  lingerMs: 5_000,
} as const;

export type AdmissionLimits = { readonly [Limit in keyof typeof admissionLimits]: number };
