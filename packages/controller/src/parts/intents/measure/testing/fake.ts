import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a query is answered. */
type Answer =
  | { readonly value: string; readonly atMs?: number; readonly labels?: Readonly<Record<string, string>> }
  | readonly { readonly value: string; readonly labels: Readonly<Record<string, string>> }[]
  | "failure"
  | "silence";

/** A Prometheus that says what a test tells it, by the text of the query. */
export class FakePrometheus {
  readonly answers = new Map<string, Answer>();
  readonly asked: string[] = [];
  readonly tokens = new Set<string | undefined>();
  /** The most queries that were open together. */
  mostOpen = 0;
  nowMs = 0;
  #open = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, reply) => this.#serve(request, reply));
  }

  static async start(): Promise<FakePrometheus> {
    const fake = new FakePrometheus();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  /** Whole URL of its query API. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v1/query`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(request: IncomingMessage, reply: ServerResponse): void {
    const query = new URL(request.url ?? "", this.endpoint).searchParams.get("query") ?? "";
    this.asked.push(query);
    this.tokens.add(request.headers.authorization);
    this.#open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.#open);
    reply.once("close", () => (this.#open -= 1));
    const answer = this.answers.get(query) ?? [];
    if (answer === "silence") return;
    if (answer === "failure") reply.writeHead(503).end("overloaded");
    // So that queries that are sent together are open together.
    else setImmediate(() => reply.end(JSON.stringify({ status: "success", data: this.#dataOf(answer) })));
  }

  #dataOf(answer: Exclude<Answer, string>): object {
    const series = "value" in answer ? [answer] : answer;
    const result = series.map(({ value, labels = {}, ...rest }) => {
      const atMs = "atMs" in rest && rest.atMs !== undefined ? rest.atMs : this.nowMs;
      return { metric: labels, value: [atMs / 1_000, value] };
    });
    return { resultType: "vector", result };
  }
}
