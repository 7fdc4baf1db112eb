import { createHash } from "node:crypto";

import type { V1SubjectAccessReview, V1TokenReview, V1UserInfo } from "@kubernetes/client-node";
import type { Clock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import { SharedAnswers } from "../bounds/sharedAnswers.ts";
import { opsLimits as limits } from "../bounds/opsLimits.ts";

/** What is known of somebody who asks for a view. */
export type ViewVerdict = "allowed" | "forbidden" | "unauthenticated";

/** Somebody who asks, with the name that the API server knows them by; null: it knows none. */
export interface ReviewedReader {
  readonly verdict: ViewVerdict;
  readonly user: string | null;
}

/** Tells who may read a view that names pods. */
export interface ViewAccess {
  /** @throws Error where that is not known now */
  mayRead(token: string, path: string): Promise<ViewVerdict>;
}

/**
 * Asks the API server whose the token is and whether they may get the path,
 * as it does for paths of its own: a ClusterRole with nonResourceURLs grants
 * it (kubernetes.io: Using RBAC Authorization).
 */
export class ReviewedViewAccess implements ViewAccess {
  readonly #transport: KubeTransport;
  readonly #verdicts: SharedAnswers<ReviewedReader>;

  constructor(transport: KubeTransport, clock: Clock) {
    this.#transport = transport;
    const bounds = {
      inFlight: limits.accessReviewsInFlight,
      waiting: limits.accessReviewsWaiting,
      remembered: limits.accessRemembered,
      deadlineMs: limits.accessDeadlineMs,
    };
    this.#verdicts = new SharedAnswers(bounds, clock);
  }

  async mayRead(token: string, path: string): Promise<ViewVerdict> {
    return (await this.review(token, path)).verdict;
  }

  /** The same, with whose the token is. @throws Error where that is not known now */
  review(token: string, path: string): Promise<ReviewedReader> {
    const key = `${createHash("sha256").update(token).digest("base64")} ${path}`;
    return this.#verdicts.get(key, async (signal) => ({
      value: await this.#review(token, path, signal),
      forMs: limits.accessRememberedMs,
    }));
  }

  async #review(token: string, path: string, signal: AbortSignal): Promise<ReviewedReader> {
    const { status: who } = await this.#post<V1TokenReview>("authentication.k8s.io", "TokenReview", { token }, signal);
    if (!who?.authenticated || who.user === undefined) return { verdict: "unauthenticated", user: null };
    const spec = { ...subject(who.user), nonResourceAttributes: { path, verb: "get" } };
    const { status } = await this.#post<V1SubjectAccessReview>(
      "authorization.k8s.io",
      "SubjectAccessReview",
      spec,
      signal,
    );
    return { verdict: status?.allowed ? "allowed" : "forbidden", user: who.user.username ?? null };
  }

  async #post<Review>(group: string, kind: string, spec: object, signal: AbortSignal): Promise<Review> {
    const answer = await this.#transport.send({
      method: "POST",
      path: `/apis/${group}/v1/${kind.toLowerCase()}s`,
      body: { apiVersion: `${group}/v1`, kind, spec },
      signal,
    });
    return answer as Review;
  }
}

function subject({ username = "", uid = "", groups = [], extra = {} }: V1UserInfo): object {
  return { user: username, uid, groups, extra };
}
