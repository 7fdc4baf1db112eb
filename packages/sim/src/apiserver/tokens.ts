import { newUid, type ServerContext } from "./context.ts";
import { asText } from "./objects/model.ts";

/** Whom a token speaks for. */
export interface TokenIdentity {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  readonly audiences: readonly string[];
  /** Milliseconds since the epoch; never where not given. */
  readonly expiresAtMs?: number;
  /** The token dies with this object. */
  readonly boundTo?: {
    readonly collection: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
}

/** The audience of tokens that name none. */
export const defaultAudience = "https://kubernetes.default.svc.cluster.local";

/** The tokens that the server knows: issued by TokenRequest, or registered by the host program. */
export class TokenRegistry {
  readonly #context: ServerContext;
  readonly #identities = new Map<string, TokenIdentity>();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  /** Makes `token` speak for `identity`. */
  register(token: string, identity: TokenIdentity): void {
    this.#identities.set(token, identity);
  }

  /** A new token in the form of a JWT; its signature is only a random name. */
  issue(identity: TokenIdentity, claims: Readonly<Record<string, unknown>>): string {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = [part({ alg: "none", typ: "JWT" }), part(claims), part(newUid(this.#context))].join(".");
    this.register(token, identity);
    return token;
  }

  /** status of a TokenReview. */
  review(token: string, audiences: readonly string[]): Readonly<Record<string, unknown>> {
    const identity = this.#identities.get(token);
    if (!identity || !this.#alive(identity)) return { user: {}, error: "invalid bearer token" };
    const asked = audiences.length > 0 ? audiences : [defaultAudience];
    const matching = identity.audiences.filter((audience) => asked.includes(audience));
    if (matching.length === 0) {
      const complaint = `token audiences [${identity.audiences.join(" ")}] is invalid for the target audiences [${asked.join(" ")}]`;
      return { user: {}, error: `[invalid bearer token, ${complaint}]` };
    }
    const { username, uid, groups, extra } = identity;
    const user = { username, ...(uid ? { uid } : {}), ...(groups ? { groups } : {}), ...(extra ? { extra } : {}) };
    return { authenticated: true, user, audiences: matching };
  }

  #alive({ expiresAtMs = Infinity, boundTo }: TokenIdentity): boolean {
    if (expiresAtMs <= this.#context.clock.wallMs()) return false;
    if (!boundTo) return true;
    const object = this.#context.store.get(boundTo.collection, boundTo.namespace, boundTo.name);
    return asText(object?.metadata.uid) === boundTo.uid;
  }
}
