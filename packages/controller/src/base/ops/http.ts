import type { Socket } from "node:net";
import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";

import { type Clock, type Runnable, systemClock } from "@walras/kit";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

import { isLoopback } from "../bounds/loopback.ts";
import type { History } from "../history/history.ts";
import { guestServer } from "./guestServer.ts";
import { Guests } from "./guests.ts";
import { HistoryRoute } from "./historyRoute.ts";
import { opsLimits as limits } from "../bounds/opsLimits.ts";
import type { BaseMetrics } from "./metrics.ts";
import { Rendered } from "./rendered.ts";
import type { ViewAccess } from "./viewAccess.ts";
import { type Denial, denialOf, deny, readerOf, type View, type Views } from "./views.ts";

export interface OpsOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: BaseMetrics;
  /** What each part did lately, as JSON, by path: /market. */
  readonly views: Views;
  /** What was decided, at /history. */
  readonly history?: History;
  /** What is not ready yet; empty when all is. */
  readonly notReady: () => readonly string[];
  /** Who may read views that name pods; without it nobody but this machine. */
  readonly access?: ViewAccess;
  /** The machine's where not given. */
  readonly clock?: Clock;
  /** Whether an address is this machine's; loopback where not given. */
  readonly isLocal?: (address: string) => boolean;
}

/** The histogram holds the time between two firings of a timer: this much of it is no delay. */
const timerMs = 10;

const noAccess: ViewAccess = { mayRead: () => Promise.reject(new Error("nobody can be asked")) };

/** Serves /metrics, /healthz, /readyz and the views of the parts, to leader and standby alike. */
export class OpsServer implements Runnable {
  readonly name = "ops server";
  readonly #options: OpsOptions;
  readonly #clock: Clock;
  readonly #isLocal: (address: string) => boolean;
  readonly #guests: Guests;
  readonly #app: FastifyInstance;
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: timerMs });

  constructor(options: OpsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#isLocal = options.isLocal ?? isLoopback;
    this.#guests = new Guests(this.#clock, this.#isLocal);
    this.#app = fastify({
      bodyLimit: limits.bodyBytes,
      serverFactory: (handle) => guestServer(this.#guests, limits, handle),
    });
    this.#serveHealth();
    this.#serveMetrics();
    for (const [path, view] of Object.entries(options.views)) this.#serveView(path, view);
    if (options.history) this.#serveHistory(options.history);
  }

  /** The port in use, once started. */
  get port(): number {
    const address = this.#app.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#guests.size;
  }

  /** Serves a connection that came in elsewhere, within the same limits. */
  serve(socket: Socket): void {
    this.#app.server.emit("connection", socket);
  }

  async start(): Promise<void> {
    this.#delay.enable();
    await this.#app.listen({ host: this.#options.host, port: this.#options.port });
  }

  async stop(): Promise<void> {
    this.#delay.disable();
    await this.#app.close();
  }

  #serveHealth(): void {
    this.#app.get("/healthz", () => "ok");
    this.#app.get("/readyz", (_, reply) => {
      const missing = this.#options.notReady();
      return reply
        .code(missing.length === 0 ? 200 : 503)
        .send(missing.length === 0 ? "ok" : `not ready: ${missing.join(", ")}`);
    });
  }

  #serveMetrics(): void {
    const { registry } = this.#options.metrics;
    const rendered = new Rendered(() => {
      this.#measureProcess();
      for (const measure of this.#options.metrics.atScrape) measure();
      return registry.metrics();
    }, this.#clock);
    this.#app.get("/metrics", async (_, reply) => this.#send(reply.type(registry.contentType), await rendered.read()));
  }

  #serveView(path: string, view: View): void {
    const read = readerOf(view);
    const rendered = new Rendered(() => JSON.stringify(read()), this.#clock);
    this.#app.get(path, async (request, reply) => {
      const denial = typeof view === "function" ? null : await this.#denialFor(request, path);
      if (denial) return deny(reply, denial);
      return this.#send(reply.type("application/json; charset=utf-8"), await rendered.read());
    });
  }

  /** What was decided names pods. */
  #serveHistory(history: History): void {
    const route = new HistoryRoute(history, this.#guests, this.#clock);
    this.#app.get("/history", async (request, reply) => {
      const denial = await this.#denialFor(request, "/history");
      return denial ? deny(reply, denial) : route.answer(request, reply);
    });
  }

  /** Why the one who asks may not see names of pods; null: they may. */
  async #denialFor({ socket, headers }: FastifyRequest, path: string): Promise<Denial | null> {
    const { access = noAccess } = this.#options;
    if (this.#isLocal(socket.remoteAddress ?? "")) return null;
    return denialOf(headers.authorization ?? "", access, path);
  }

  #send(reply: FastifyReply, bytes: Buffer): FastifyReply {
    this.#guests.answers(reply.raw, bytes.length);
    return reply.send(bytes);
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
