import { type Clock, describeError, type Logger, TokenBucket } from "@walras/kit";
import type { FastifyReply, FastifyRequest } from "fastify";

import { type DashboardAccess, dashboardPath } from "./access.ts";
import { dashboardLimits as limits } from "./limits.ts";

/** Somebody who may read; without a name where one token is for all. */
export interface Reader {
  readonly user: string | null;
}

interface Refusal {
  readonly code: 401 | 403 | 503;
  readonly error: string;
  readonly user: string | null;
}

const noToken: Refusal = { code: 401, error: "a bearer token is needed", user: null };
const badToken: Refusal = { code: 401, error: "the token is not valid", user: null };
const notNow: Refusal = { code: 503, error: "whether the token may read this cannot be told now", user: null };

function forbidden(user: string | null): Refusal {
  const rule = `{nonResourceURLs: ["${dashboardPath}"], verbs: ["get"]}`;
  return { code: 403, error: `${user ?? "the token's owner"} needs a ClusterRole with the rule ${rule}`, user };
}

interface GatekeeperOptions {
  readonly access: DashboardAccess;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Lets readers in by their tokens, and writes down whom it has turned away. */
export class Gatekeeper {
  readonly #options: GatekeeperOptions;
  readonly #lines: TokenBucket;
  #unwritten = 0;

  constructor(options: GatekeeperOptions) {
    this.#options = options;
    this.#lines = new TokenBucket(limits.refusalsPerSecond, limits.refusalsBurst, options.clock);
  }

  get how(): DashboardAccess["how"] {
    return this.#options.access.how;
  }

  /** @returns null: the reply says why not */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<Reader | null> {
    const found = await this.#review(request.headers.authorization ?? "");
    if (!("code" in found)) return found;
    this.#log(request, found);
    if (found.code === 401) void reply.header("www-authenticate", "Bearer");
    void reply.code(found.code).send({ error: found.error });
    return null;
  }

  async #review(authorization: string): Promise<Reader | Refusal> {
    const [scheme = "", token = ""] = authorization.split(" ");
    if (scheme.toLowerCase() !== "bearer" || token === "") return noToken;
    try {
      const { verdict, user } = await this.#options.access.review(token);
      if (verdict === "allowed") return { user };
      return verdict === "forbidden" ? forbidden(user) : badToken;
    } catch (error) {
      this.#options.logger.warn({ error: describeError(error) }, "dashboard token could not be reviewed");
      return notNow;
    }
  }

  /** Who has no token yet is asked for one: nobody was refused. */
  #log({ ip, url }: FastifyRequest, refusal: Refusal): void {
    if (refusal === noToken || refusal === notNow) return;
    if (!this.#lines.tryTake()) {
      this.#unwritten += 1;
      return;
    }
    const { code, user } = refusal;
    const path = url.split("?")[0]?.slice(0, limits.reasonChars);
    this.#options.logger.warn({ address: ip, user, path, code, unwritten: this.#unwritten }, "dashboard refused");
    this.#unwritten = 0;
  }
}
