import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A stand-in for Prometheus that answers queries as a test sets them, and every other with the CPU of nodes. */
export class StandInPrometheus {
  /** Share of CPU in use by node. */
  readonly cpu = new Map<string, number>();
  /** Answers by query. */
  readonly values = new Map<string, number>();
  /** Down: it takes requests and breaks them off. */
  down = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((asked, reply) => {
      const body: Buffer[] = [];
      asked.on("data", (part: Buffer) => body.push(part));
      asked.on("end", () => {
        const given = new URLSearchParams(Buffer.concat(body).toString() || (asked.url ?? "").split("?")[1]);
        if (this.down) reply.destroy();
        else reply.end(this.#answer(given.get("query") ?? ""));
      });
    });
  }

  /** @param host where it listens */
  static async start(host = "127.0.0.1"): Promise<StandInPrometheus> {
    const prometheus = new StandInPrometheus();
    await new Promise<void>((resolve) => prometheus.#server.listen(0, host, resolve));
    return prometheus;
  }

  /** Of the queries p99 and rps. */
  measured(p99: number, rps: number): void {
    this.values.set("p99", p99);
    this.values.set("rps", rps);
  }

  get url(): string {
    return this.urlFrom("127.0.0.1");
  }

  /** @param host that this machine has for who asks */
  urlFrom(host: string): string {
    return `http://${host}:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(query: string): string {
    const now = Date.now() / 1000;
    const value = this.values.get(query);
    const own = [{ metric: {}, value: [now, String(value)] }];
    const ofNodes = [...this.cpu].map(([node, busy]) => ({ metric: { instance: node }, value: [now, String(busy)] }));
    return JSON.stringify({
      status: "success",
      data: { resultType: "vector", result: value === undefined ? ofNodes : own },
    });
  }
}
