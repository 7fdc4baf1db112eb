import { createHash } from "node:crypto";

import type { Clock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import type { V1TokenReview } from "@kubernetes/client-node";

import {
  type AgentIdentity,
  AuthenticationError,
  type Authenticator,
  type Credentials,
  sameNode,
} from "./authenticator.ts";

/** Where KEP-4193 puts the node a token's pod runs on. */
const nodeNameExtra = "authentication.kubernetes.io/node-name";

/** The service account whose tokens are agents', and the audience they must be for. */
export interface TokenRules {
  readonly audience: string;
  /** system:serviceaccount:NAMESPACE:NAME */
  readonly username: string;
}

interface Cached {
  readonly node: string;
  readonly untilMs: number;
}

const cacheMs = 60_000;
const mostCached = 20_000;

/**
 * Asks the API server whose a projected service-account token is. The token
 * must be for our own audience, so that nobody can replay it to the API server,
 * and bound to a pod or node, which tells the node (KEP-1205, KEP-4193).
 */
export class TokenReviewAuthenticator implements Authenticator {
  readonly #transport: KubeTransport;
  readonly #rules: TokenRules;
  readonly #clock: Clock;
  readonly #cache = new Map<string, Cached>();

  constructor(transport: KubeTransport, rules: TokenRules, clock: Clock) {
    this.#transport = transport;
    this.#rules = rules;
    this.#clock = clock;
  }

  async authenticate({ token, claimedNode }: Credentials): Promise<AgentIdentity> {
    if (token === "") throw new AuthenticationError("no bearer token");
    const key = createHash("sha256").update(token).digest("base64");
    const nowMs = this.#clock.monotonicMs();
    const cached = this.#cache.get(key);
    if (cached && cached.untilMs > nowMs) return sameNode(cached.node, claimedNode);
    const node = await this.#review(token);
    if (this.#cache.size >= mostCached) this.#cache.clear();
    this.#cache.set(key, { node, untilMs: nowMs + cacheMs });
    return sameNode(node, claimedNode);
  }

  async #review(token: string): Promise<string> {
    const { audience, username } = this.#rules;
    const status = (await this.#ask(token)).status ?? {};
    const { user } = status;
    if (!status.authenticated) throw new AuthenticationError(`the token is not valid: ${status.error ?? "no reason"}`);
    if (!status.audiences?.includes(audience)) throw new AuthenticationError(`the token is not for ${audience}`);
    if (user?.username !== username) throw new AuthenticationError(`the token is not ${username}'s`);
    return boundNode(user.extra);
  }

  async #ask(token: string): Promise<V1TokenReview> {
    const answer = await this.#transport.send({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/tokenreviews",
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec: { token, audiences: [this.#rules.audience] },
      },
    });
    return answer as V1TokenReview;
  }
}

function boundNode(extra: Readonly<Record<string, readonly string[]>> | undefined): string {
  const node = extra?.[nodeNameExtra]?.at(0);
  if (!node) throw new AuthenticationError("the token is not bound to a node");
  return node;
}
