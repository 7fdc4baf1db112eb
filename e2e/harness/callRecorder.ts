import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

import { apiCall } from "../../scripts/manifests/apiCall.ts";
import type { UsedCall } from "../../scripts/manifests/roles.ts";

/** Calls of all suites, one a line, each once; `pnpm e2e` without names begins anew. */
export const recordedCalls = join(import.meta.dirname, "..", "..", ".tmp", "rbac", "calls.jsonl");

/** A call that was made, and whether the API server refused it for want of a right. */
export type RecordedCall = UsedCall & { readonly forbidden: boolean };

/** The API server as a kubeconfig has it. */
export interface Upstream {
  readonly server: string;
  readonly "certificate-authority-data": string;
  readonly "tls-server-name"?: string;
}

/** Stands between a program and the API server, and notes what the program does with its rights. */
export class CallRecorder {
  readonly #account: string;
  readonly #upstream: Upstream;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #noted = new Set<string>();

  private constructor(account: string, upstream: Upstream) {
    this.#account = account;
    this.#upstream = upstream;
    this.#agent = new Agent({
      keepAlive: true,
      ca: Buffer.from(upstream["certificate-authority-data"], "base64"),
      ...(upstream["tls-server-name"] === undefined ? {} : { servername: upstream["tls-server-name"] }),
    });
    this.#server = createServer((asked, reply) => this.#forward(asked, reply));
  }

  /** @param account `NAMESPACE/NAME` of the program's service account */
  static async start(account: string, upstream: Upstream): Promise<CallRecorder> {
    mkdirSync(dirname(recordedCalls), { recursive: true });
    const recorder = new CallRecorder(account, upstream);
    await new Promise<void>((resolve) => recorder.#server.listen(0, "127.0.0.1", resolve));
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  /** What breaks on one side breaks on the other, as without anybody between. */
  #forward(asked: IncomingMessage, reply: ServerResponse): void {
    const { method = "GET", url = "/", headers } = asked;
    const call = request(new URL(url, this.#upstream.server), { method, headers, agent: this.#agent }, (answer) => {
      this.#note(method, url, answer.statusCode ?? 0);
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      reply.flushHeaders();
      answer.on("error", () => reply.destroy());
      answer.on("aborted", () => reply.destroy());
      answer.pipe(reply);
    });
    call.on("error", () => reply.destroy());
    reply.on("close", () => call.destroy());
    asked.pipe(call);
  }

  #note(method: string, url: string, status: number): void {
    const call = apiCall(method, url);
    if (call === undefined) return;
    for (const one of rightsUsed(call, status)) {
      const line = JSON.stringify({ account: this.#account, ...one, forbidden: status === 403 });
      if (this.#noted.has(line)) continue;
      this.#noted.add(line);
      appendFileSync(recordedCalls, `${line}\n`);
    }
  }
}

/**
 * A patch that makes its object needs the right to create it as well. Who writes a claim's status needs that to bind it as well, since
 * Kubernetes 1.36: no path tells of it. Ours write nothing of it but what is allocated and reserved.
 */
function rightsUsed<Call extends { readonly verb: string; readonly resource: string }>(
  call: Call,
  status: number,
): readonly Call[] {
  if (call.verb === "patch" && status === 201) return [call, { ...call, verb: "create" }];
  const claim = "resourceclaims.resource.k8s.io";
  return call.resource === `${claim}/status` ? [call, { ...call, resource: `${claim}/binding` }] : [call];
}

/** All that was recorded, by whichever suites have run. */
export function readRecordedCalls(): readonly RecordedCall[] {
  const lines = readFileSync(recordedCalls, "utf8").split("\n");
  return [...new Set(lines)].filter((line) => line !== "").map((line) => JSON.parse(line) as RecordedCall);
}
