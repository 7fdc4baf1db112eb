import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

import type { Mortal } from "./mortal.ts";

/** A sync that Argo CD took. */
interface Sync {
  readonly app: string;
  readonly revision: string;
}

/** The way to Argo CD: its writes count for the one who lives, and nobody else gets through. */
export class ArgoProxy {
  /** In the order in which Argo CD took them. */
  readonly syncs: Sync[] = [];
  readonly #target: string;
  readonly #mortal: () => Mortal | undefined;
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy());
  });

  constructor(target: string, mortal: () => Mortal | undefined) {
    this.#target = target;
    this.#mortal = mortal;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mortal = this.#mortal();
    if (!mortal) {
      response.destroy();
      return;
    }
    void mortal.death.then(() => response.destroy());
    const isFatal = request.method !== "GET" && mortal.notes();
    const body = request.method === "GET" ? Buffer.alloc(0) : await buffer(request);
    const answer = await this.#forward(request, body);
    if (request.method === "POST" && answer.statusCode === 200) this.#note(request.url ?? "", body);
    if (isFatal) {
      answer.resume();
      mortal.meetsFate();
      response.destroy();
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response).on("close", () => answer.destroy());
  }

  #forward({ url = "/", method = "GET", headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      ask(this.#target + url, { method, headers, agent: false }, resolve)
        .on("error", reject)
        .end(body);
    });
  }

  #note(url: string, body: Buffer): void {
    const app = /\/applications\/([^/]+)\/sync/.exec(url)?.[1];
    if (app === undefined) return;
    const { revision, revisions } = JSON.parse(body.toString()) as { revision?: string; revisions?: readonly string[] };
    this.syncs.push({ app, revision: revision ?? revisions?.join("+") ?? "" });
  }
}
