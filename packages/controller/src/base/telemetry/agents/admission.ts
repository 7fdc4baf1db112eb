import { status } from "@grpc/grpc-js";
import { type Clock, TokenBucket } from "@walras/kit";
import { Hello } from "@walras/proto";

import { clip } from "../../bounds/clip.ts";
import { TooManyQuestions } from "../../bounds/sharedAnswers.ts";
import { type AgentIdentity, AuthenticationError, type Authenticator, type Credentials } from "./authenticator.ts";
import { agentLimits as limits } from "../../bounds/agentLimits.ts";

/** Why a stream ends, as gRPC tells it. */
export interface Refusal {
  readonly code: status;
  readonly details: string;
}

/** What must be true of a Hello before anybody is asked about it. @returns null: nothing is wrong */
export function helloComplaint(hello: Hello): string | null {
  if (Hello.encode(hello).finish().length > limits.helloBytes) return `a Hello has at most ${limits.helloBytes} bytes`;
  return hello.nodeName === "" ? "a Hello names its node" : null;
}

/** Lets so many agents in a second, each when it has proven its node. */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #rate: TokenBucket;

  constructor(authenticator: Authenticator, clock: Clock) {
    this.#authenticator = authenticator;
    this.#rate = new TokenBucket(limits.hellosPerSecond, limits.hellosBurst, clock);
  }

  /** @throws AuthenticationError; TooManyAgents; Error where nobody could tell */
  async admit(credentials: Credentials): Promise<AgentIdentity> {
    if (!this.#rate.tryTake()) throw new TooManyAgents();
    return this.#authenticator.authenticate(credentials);
  }
}

/** More agents come at once than are let in; each comes again by itself. */
class TooManyAgents extends Error {
  constructor() {
    super("too many agents connect at once");
    this.name = "TooManyAgents";
  }
}

/** What an agent is told that was not let in, or not let stay. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof AuthenticationError) return { code: status.UNAUTHENTICATED, details: clip(error.message) };
  const crowded = error instanceof TooManyAgents || error instanceof TooManyQuestions;
  return {
    code: status.UNAVAILABLE,
    details: crowded ? "too many agents connect at once: try again" : "the token could not be reviewed",
  };
}
