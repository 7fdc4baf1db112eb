import type { Clock } from "@walras/kit";

import { agentLimits } from "../../bounds/agentLimits.ts";

/** Whose words a stream brings. */
export interface AgentIdentity {
  readonly node: string;
  /** When what it showed must be looked at again; never where it does not end. */
  readonly reviewInMs?: number;
}

/** What a stream shows of itself. */
export interface Credentials {
  /** From metadata `authorization: Bearer …`; empty without one. */
  readonly token: string;
  /** Common name of a client certificate that the server has verified; empty without one. */
  readonly certificateName: string;
  /** When that certificate ends, in milliseconds since the epoch. */
  readonly certificateUntilMs?: number;
  /** The node the agent says it is on; never believed, only compared. */
  readonly claimedNode: string;
}

/** Tells which node an agent may speak for. */
export interface Authenticator {
  /** @throws AuthenticationError with a reason that may be told to the peer */
  authenticate(credentials: Credentials): Promise<AgentIdentity>;
}

/** The agent is not who it says, or it is not known who it is. */
export class AuthenticationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AuthenticationError";
  }
}

/** Believes every claim: for loopback, where whoever connects already has the machine. */
export const trustingAuthenticator: Authenticator = {
  authenticate: ({ claimedNode }) => Promise.resolve({ node: claimedNode }),
};

const certificatePrefix = "system:walras-agent:";

/**
 * Believes the common name system:walras-agent:NODE of a verified client
 * certificate, until that ends: TLS looks at its dates once, and a stream may
 * live for weeks.
 */
export function certificateAuthenticator(clock: Clock): Authenticator {
  return {
    authenticate: async ({ certificateName, certificateUntilMs = Infinity, claimedNode }) => {
      const leftMs = certificateUntilMs - clock.wallMs();
      if (!certificateName.startsWith(certificatePrefix)) throw refused(certificateName, "is not an agent's");
      if (leftMs <= 0) throw refused(certificateName, "has expired");
      const reviewInMs = Math.min(leftMs, agentLimits.reviewAgainMs);
      return { ...sameNode(certificateName.slice(certificatePrefix.length), claimedNode), reviewInMs };
    },
  };
}

function refused(certificateName: string, complaint: string): AuthenticationError {
  return new AuthenticationError(`the certificate of ${certificateName || "nobody"} ${complaint}`);
}

/** @throws AuthenticationError unless the agent claims the node it was proven to be on */
export function sameNode(proven: string, claimed: string): AgentIdentity {
  if (proven !== claimed) throw new AuthenticationError(`an agent of node ${proven} cannot speak for node ${claimed}`);
  return { node: proven };
}
