import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";

import {
  contentSecurityPolicy,
  type DashboardExplanation,
  type DashboardMe,
  type DashboardSummary,
  type SummaryDelta,
} from "@walras/api";

import { nodeFixture, summaryFixture } from "./cluster.ts";
import { gpusFixture, intentsFixture, releasesFixture, slotsFixture } from "./parts.ts";
import { podTimeLine } from "./pod.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** An answer of the API. */
export interface Given {
  readonly status: number;
  readonly body: object;
}

/** Serves a built page with made-up answers: a controller for tests of the page. */
export class FixtureServer {
  readonly #folder: string;
  readonly #answersAfterMs: number;
  readonly #server: Server;
  readonly #streams = new Set<ServerResponse>();
  /** By path below `api/`; what is not here is answered from the fixtures. */
  readonly given = new Map<string, Given>();
  /** Where a stream begins. */
  summary: DashboardSummary = summaryFixture();
  /** The token that is wanted; null: none. */
  token: string | null = null;
  /** Bytes of the streams. */
  told = 0;
  /** Bytes of other answers of the API. */
  sent = 0;
  /** Streams that were opened. */
  opened = 0;

  private constructor(folder: string, answersAfterMs: number) {
    this.#folder = folder;
    this.#answersAfterMs = answersAfterMs;
    this.#server = createServer((request, answer) => void this.#answer(request, answer));
  }

  /** @param answersAfterMs how long the API takes for an answer; a stream begins at once */
  static async start(folder: string, answersAfterMs = 0): Promise<FixtureServer> {
    const server = new FixtureServer(folder, answersAfterMs);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Back to the fixtures. */
  reset(): void {
    this.given.clear();
    this.summary = summaryFixture();
    this.token = null;
    this.breakStreams();
    this.told = 0;
    this.sent = 0;
    this.opened = 0;
  }

  tell(event: string, data: object): void {
    const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const stream of this.#streams) stream.write(text);
    this.told += Buffer.byteLength(text) * this.#streams.size;
  }

  /** A delta that follows what was told. */
  tellDelta(change: Partial<SummaryDelta>): void {
    const { atMs, leader, leaderName, strip, seq } = this.summary;
    const none = { row: [], price: [], used: [], state: [], pods: [], rationed: [] };
    const delta: SummaryDelta = {
      kind: "delta",
      seq: seq + 1,
      atMs,
      leader,
      leaderName,
      strip,
      nodes: [],
      cells: none,
      ...change,
    };
    this.summary = { ...this.summary, seq: delta.seq };
    this.tell("summary", delta);
  }

  breakStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  async stop(): Promise<void> {
    this.breakStreams();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    answer.setHeader("content-security-policy", contentSecurityPolicy);
    answer.setHeader("x-content-type-options", "nosniff");
    const path = decodeURI(request.url ?? "/").replace(/^\//, "");
    if (!path.startsWith("api/")) return this.#file(path === "" ? "index.html" : path, answer);
    if (this.token !== null && request.headers.authorization !== `Bearer ${this.token}`)
      return void json(answer, { status: 401, body: { error: "Say by a token who you are." } });
    const asked = path.slice("api/".length);
    const given = this.given.get(asked);
    if (given === undefined && asked === "events") return this.#stream(answer);
    if (this.#answersAfterMs > 0) await setTimeout(this.#answersAfterMs);
    this.sent += json(answer, given ?? this.#fixture(asked));
  }

  #fixture(asked: string): Given {
    const [kind = "", first = "", second = ""] = asked.split("/");
    const body = { ...lists(), me, summary: this.summary }[asked] ?? fixtureOf(kind, first, second);
    return body === null ? { status: 404, body: { error: `there is no /api/${asked}` } } : { status: 200, body };
  }

  #stream(answer: ServerResponse): void {
    answer.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    this.#streams.add(answer);
    this.opened += 1;
    answer.on("close", () => this.#streams.delete(answer));
    const text = `event: summary\ndata: ${JSON.stringify(this.summary)}\n\n`;
    answer.write(text);
  }

  async #file(path: string, answer: ServerResponse): Promise<void> {
    try {
      const body = await readFile(join(this.#folder, path));
      answer.writeHead(200, {
        "content-type": types[extname(path)] ?? "application/octet-stream",
        "content-encoding": "br",
      });
      answer.end(brotliCompressSync(body));
    } catch {
      json(answer, { status: 404, body: { error: `there is no ${path}` } });
    }
  }
}

const me: DashboardMe = {
  user: "dana",
  access: "kubernetes",
  replica: "walras-controller-0",
  leader: true,
  leaderName: "walras-controller-0",
  parts: ["market", "carla", "batch", "gpu", "intents"],
};

function lists(): Readonly<Record<string, object>> {
  return { releases: releasesFixture(), slots: slotsFixture(), gpus: gpusFixture(), intents: intentsFixture() };
}

function fixtureOf(kind: string, first: string, second: string): object | null {
  if (kind === "nodes" && first !== "gone") return nodeFixture(first);
  if (kind === "pods" && second === "cart-0") return podTimeLine();
  return kind === "explain" ? explanation(first) : null;
}

function explanation(key: string): DashboardExplanation {
  return {
    key,
    title: `What ${key} is`,
    unit: "seconds a minute",
    formula: "The sum of the time that containers were stopped by their quota, at the rate of the last reports.",
    inputs: [{ name: "throttledSecondsPerMinute", value: "12.4" }],
    source: "the agents' reports",
  };
}

/** @returns its bytes */
function json(answer: ServerResponse, { status, body }: Given): number {
  const bytes = Buffer.from(JSON.stringify(body));
  answer.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  answer.end(bytes);
  return bytes.length;
}
