import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";

import type { Runnable } from "@walras/kit";
import { fastify, type FastifyInstance } from "fastify";

import type { Metrics } from "./metrics.ts";

export interface OpsOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** What each part did lately, as JSON, by path: /market. */
  readonly views: Readonly<Record<string, () => object>>;
  /** What is not ready yet; empty when all is. */
  readonly notReady: () => readonly string[];
}

/** The histogram holds the time between two firings of a timer: this much of it is no delay. */
const timerMs = 10;

/** Serves /metrics, /healthz, /readyz and the views of the parts, to leader and standby alike. */
export class OpsServer implements Runnable {
  readonly name = "ops server";
  readonly #options: OpsOptions;
  readonly #app: FastifyInstance = fastify();
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: timerMs });

  constructor(options: OpsOptions) {
    this.#options = options;
    this.#app.get("/healthz", () => "ok");
    this.#app.get("/readyz", (_, reply) => {
      const missing = options.notReady();
      return reply
        .code(missing.length === 0 ? 200 : 503)
        .send(missing.length === 0 ? "ok" : `not ready: ${missing.join(", ")}`);
    });
    for (const [path, view] of Object.entries(options.views)) this.#app.get(path, () => view());
    this.#app.get("/metrics", async (_, reply) => {
      this.#measureProcess();
      return reply.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics());
    });
  }

  /** The port in use, once started. */
  get port(): number {
    const address = this.#app.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async start(): Promise<void> {
    this.#delay.enable();
    await this.#app.listen({ host: this.#options.host, port: this.#options.port });
  }

  async stop(): Promise<void> {
    this.#delay.disable();
    await this.#app.close();
  }

  #measureProcess(): void {
    const { metrics } = this.#options;
    metrics.eventLoopP99.set(Math.max(0, this.#delay.percentile(99) / 1e9 - timerMs / 1000));
    this.#delay.reset();
    metrics.residentBytes.set(process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    metrics.cpuSeconds.set((user + system) / 1e6);
  }
}
