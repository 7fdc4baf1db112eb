/** Whose words a stream brings. */
export interface AgentIdentity {
  readonly node: string;
}

/** What a stream shows of itself. */
export interface Credentials {
  /** From metadata `authorization: Bearer …`; empty without one. */
  readonly token: string;
  /** Common name of a client certificate that the server has verified; empty without one. */
  readonly certificateName: string;
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

/** Believes the common name system:walras-agent:NODE of a verified client certificate. */
export const certificateAuthenticator: Authenticator = {
  authenticate: ({ certificateName, claimedNode }) => {
    if (!certificateName.startsWith(certificatePrefix)) {
      return Promise.reject(
        new AuthenticationError(`the certificate of ${certificateName || "nobody"} is not an agent's`),
      );
    }
    return Promise.resolve(sameNode(certificateName.slice(certificatePrefix.length), claimedNode));
  },
};

/** @throws AuthenticationError unless the agent claims the node it was proven to be on */
export function sameNode(proven: string, claimed: string): AgentIdentity {
  if (proven !== claimed) throw new AuthenticationError(`an agent of node ${proven} cannot speak for node ${claimed}`);
  return { node: proven };
}
