import type { FastifyReply } from "fastify";

import type { ViewAccess } from "./viewAccess.ts";

/** What a part did lately, as JSON. Names of pods are for those only whom the API server lets read the path. */
export type View = (() => object) | { readonly read: () => object; readonly namesPods: true };

/** Views by path. */
export type Views = Readonly<Record<string, View>>;

export function readerOf(view: View): () => object {
  return typeof view === "function" ? view : view.read;
}

/** Why somebody is not shown a view. */
export interface Denial {
  readonly code: 401 | 403 | 503;
  readonly message: string;
}

/**
 * Whether the one with this `authorization` header may read the view at `path`.
 *
 * @returns null: they may
 */
export async function denialOf(authorization: string, access: ViewAccess, path: string): Promise<Denial | null> {
  const [scheme = "", token = ""] = authorization.split(" ");
  if (scheme.toLowerCase() !== "bearer" || token === "") {
    return { code: 401, message: `${path} names pods: a bearer token of the cluster is needed` };
  }
  try {
    return denials(path)[await access.mayRead(token, path)];
  } catch {
    return {
      code: 503,
      message: "whether the token may read this cannot be told now: the API server has not answered",
    };
  }
}

function denials(path: string): Readonly<Record<Awaited<ReturnType<ViewAccess["mayRead"]>>, Denial | null>> {
  const rule = `{nonResourceURLs: ["${path}"], verbs: ["get"]}`;
  return {
    allowed: null,
    unauthenticated: { code: 401, message: "the token is not valid" },
    forbidden: { code: 403, message: `the token's owner needs a ClusterRole with the rule ${rule}` },
  };
}

export function deny(reply: FastifyReply, { code, message }: Denial): FastifyReply {
  if (code === 401) void reply.header("www-authenticate", "Bearer");
  return reply.code(code).type("text/plain").send(message);
}
