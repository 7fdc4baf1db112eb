import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A stand-in for Prometheus that answers every query with the CPU of nodes, as a test sets it. */
export class StandInPrometheus {
  /** Share of CPU in use by node. */
  readonly cpu = new Map<string, number>();
  /** Down: it takes requests and breaks them off. */
  down = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((_, reply) => {
      if (this.down) reply.destroy();
      else reply.end(this.#answer());
    });
  }

  static async start(): Promise<StandInPrometheus> {
    const prometheus = new StandInPrometheus();
    await new Promise<void>((resolve) => prometheus.#server.listen(0, "127.0.0.1", resolve));
    return prometheus;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(): string {
    const now = Date.now() / 1000;
    const result = [...this.cpu].map(([node, value]) => ({ metric: { instance: node }, value: [now, String(value)] }));
    return JSON.stringify({ status: "success", data: { resultType: "vector", result } });
  }
}
