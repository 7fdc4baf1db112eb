import { createHash, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";

import type { ReviewedReader, ReviewedViewAccess } from "../ops/viewAccess.ts";

/** A path that the API server does not serve: whoever a ClusterRole lets `get` it may read the dashboard. */
export const dashboardPath = "/walras/dashboard";

/** Tells who may read the dashboard. */
export interface DashboardAccess {
  readonly how: "token" | "kubernetes";
  /** @throws Error where that is not known now */
  review(token: string): Promise<ReviewedReader>;
}

/** By what the API server says of the token, and of its owner. */
export class KubernetesAccess implements DashboardAccess {
  readonly how = "kubernetes";
  readonly #reviews: Pick<ReviewedViewAccess, "review">;

  constructor(reviews: Pick<ReviewedViewAccess, "review">) {
    this.#reviews = reviews;
  }

  review(token: string): Promise<ReviewedReader> {
    return this.#reviews.review(token, dashboardPath);
  }
}

/** One token for everybody, in a file, which is read for each question: who replaces it shuts everybody else out at once. */
export class TokenFileAccess implements DashboardAccess {
  readonly how = "token";
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async review(token: string): Promise<ReviewedReader> {
    const wanted = (await readFile(this.#file, "utf8")).trim();
    if (wanted === "") throw new Error(`${this.#file} is empty`);
    return { verdict: isSame(token, wanted) ? "allowed" : "unauthenticated", user: null };
  }
}

/** How long it takes tells nothing of where they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
