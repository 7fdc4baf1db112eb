import { createHash } from "node:crypto";

import type { Clock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import type { V1TokenReview } from "@kubernetes/client-node";

import { type Answer, SharedAnswers } from "../../bounds/sharedAnswers.ts";
import {
  type AgentIdentity,
  AuthenticationError,
  type Authenticator,
  type Credentials,
  sameNode,
} from "./authenticator.ts";
import { agentLimits as limits } from "../../bounds/agentLimits.ts";
import { tokenExpiry } from "./tokenExpiry.ts";

/** Where KEP-4193 puts the node a token's pod runs on. */
const nodeNameExtra = "authentication.kubernetes.io/node-name";

/** The service account whose tokens are agents', and the audience they must be for. */
export interface TokenRules {
  readonly audience: string;
  /** system:serviceaccount:NAMESPACE:NAME */
  readonly username: string;
}

/** What the API server said of a token; a refusal is an answer too. */
type Verdict = { readonly node: string } | { readonly refusal: string };

/** Our clock and the API server's may differ by this. */
const clockSlackMs = 1_000;

/**
 * Asks the API server whose a projected service-account token is. The token
 * must be for our own audience, so that nobody can replay it to the API server,
 * and bound to a pod or node, which tells the node (KEP-1205, KEP-4193). Few
 * reviews are under way at a time: the API server has others to serve.
 */
export class TokenReviewAuthenticator implements Authenticator {
  readonly #transport: KubeTransport;
  readonly #rules: TokenRules;
  readonly #clock: Clock;
  readonly #verdicts: SharedAnswers<Verdict>;

  constructor(transport: KubeTransport, rules: TokenRules, clock: Clock) {
    this.#transport = transport;
    this.#rules = rules;
    this.#clock = clock;
    const { reviewsInFlight: inFlight, reviewsWaiting: waiting, reviewsRemembered: remembered } = limits;
    this.#verdicts = new SharedAnswers({ inFlight, waiting, remembered, deadlineMs: limits.reviewDeadlineMs }, clock);
  }

  async authenticate({ token, claimedNode }: Credentials): Promise<AgentIdentity> {
    if (token === "") throw new AuthenticationError("no bearer token");
    const key = createHash("sha256").update(token).digest("base64");
    const verdict = await this.#verdicts.get(key, (signal) => this.#review(token, signal));
    if ("refusal" in verdict) throw new AuthenticationError(verdict.refusal);
    return { ...sameNode(verdict.node, claimedNode), reviewInMs: this.#reviewInMs(token) };
  }

  async #review(token: string, signal: AbortSignal): Promise<Answer<Verdict>> {
    const { status = {} } = await this.#ask(token, signal);
    const value = verdictOf(status, this.#rules);
    const leftMs = this.#leftMs(token);
    // A token that is about to end is reviewed when it has: what is remembered must not outlive it.
    const forMs = "refusal" in value || leftMs <= 0 ? limits.reviewsRememberedMs : leftMs;
    return { value, forMs: Math.min(forMs, limits.reviewsRememberedMs) };
  }

  async #ask(token: string, signal: AbortSignal): Promise<V1TokenReview> {
    const answer = await this.#transport.send({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/tokenreviews",
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec: { token, audiences: [this.#rules.audience] },
      },
      signal,
    });
    return answer as V1TokenReview;
  }

  /** A token that should have ended by its own words and has not, is asked about like one that does not tell. */
  #reviewInMs(token: string): number {
    const leftMs = this.#leftMs(token);
    if (leftMs <= 0 || leftMs === Infinity) return limits.reviewOpaqueMs;
    return Math.min(leftMs + clockSlackMs, limits.reviewAgainMs);
  }

  #leftMs(token: string): number {
    return (tokenExpiry(token) ?? Infinity) - this.#clock.wallMs();
  }
}

function verdictOf(status: NonNullable<V1TokenReview["status"]>, { audience, username }: TokenRules): Verdict {
  const { authenticated, audiences, user, error } = status;
  if (!authenticated) return { refusal: `the token is not valid: ${error ?? "no reason"}` };
  if (!audiences?.includes(audience)) return { refusal: `the token is not for ${audience}` };
  if (user?.username !== username) return { refusal: `the token is not ${username}'s` };
  const node = user.extra?.[nodeNameExtra]?.at(0);
  return node ? { node } : { refusal: "the token is not bound to a node" };
}
