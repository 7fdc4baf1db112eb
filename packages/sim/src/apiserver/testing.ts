import { seededRng, VirtualClock } from "@walras/kit";
import { KubeError, type KubeRequest, type KubeTransport } from "@walras/kube";

import { inProcessTransport } from "./inProcess.ts";
import type { KubeObject } from "./objects/model.ts";
import { ApiServer, type ApiServerOptions } from "./server.ts";

/** A server under a virtual clock, and the calls that tests make most. */
export interface TestServer {
  readonly server: ApiServer;
  readonly clock: VirtualClock;
  readonly transport: KubeTransport;
  get(path: string, query?: KubeRequest["query"]): Promise<KubeObject>;
  create(path: string, body: unknown): Promise<KubeObject>;
  patch(path: string, body: unknown, kind?: PatchKind, query?: KubeRequest["query"]): Promise<KubeObject>;
  remove(path: string, body?: unknown): Promise<KubeObject>;
  /** The lines of a watch as they come. */
  watch(path: string, query?: KubeRequest["query"]): Promise<readonly WatchLine[]>;
}

/** One event of a watch. */
export interface WatchLine {
  readonly type: string;
  readonly object: KubeObject & { readonly code?: number };
}

type PatchKind = "merge" | "strategic" | "json" | "apply";

const contentTypes: Readonly<Record<PatchKind, string>> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

/** A fresh server for one test. */
export function testServer(options: Partial<ApiServerOptions> = {}): TestServer {
  const clock = new VirtualClock();
  const server = new ApiServer({ clock, rng: seededRng(7), ...options });
  const transport = inProcessTransport(server, "tester");
  const send = (request: KubeRequest): Promise<KubeObject> => transport.send(request) as Promise<KubeObject>;
  return {
    server,
    clock,
    transport,
    get: (path, query = {}) => send({ method: "GET", path, query }),
    create: (path, body) => send({ method: "POST", path, body }),
    patch: (path, body, kind = "merge", query = {}) =>
      send({ method: "PATCH", path, body, contentType: contentTypes[kind], query }),
    remove: (path, body) => send({ method: "DELETE", path, body }),
    watch: (path, query = {}) => collect(transport, path, query),
  };
}

async function collect(
  transport: KubeTransport,
  path: string,
  query: KubeRequest["query"] = {},
): Promise<readonly WatchLine[]> {
  const lines: WatchLine[] = [];
  const stream = await transport.stream({ method: "GET", path, query: { watch: "true", ...query } });
  const read = async (): Promise<void> => {
    for await (const line of stream) lines.push(JSON.parse(line) as WatchLine);
  };
  void read();
  await settled();
  return lines;
}

/** Lets everything that is ready to run, run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The error that `call` fails with, its message without the call it belongs to. */
export async function failureOf(call: Promise<unknown>): Promise<KubeError> {
  const outcome = await call.then(
    (value) => new Error(`the call succeeded with ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(outcome instanceof KubeError)) throw outcome;
  const { status, reason, causes, retryAfterMs } = outcome;
  return new KubeError(outcome.message.replace(/^[A-Z]+ \S+: /, ""), { status, reason, causes, retryAfterMs });
}

/** A pod with one container "c"; `resources` as in the API. */
export function podNamed(name: string, resources: unknown = {}, spec: Readonly<Record<string, unknown>> = {}): object {
  return { metadata: { name }, spec: { containers: [{ name: "c", image: "app:1", resources }], ...spec } };
}

/** Where the pods of the default namespace are. */
export const podsPath = "/api/v1/namespaces/default/pods";
