import type { DashboardError, DashboardMe } from "@walras/api";
import { type Clock, describeError, FieldError, type Logger, type Runnable } from "@walras/kit";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

import { isLoopback } from "../bounds/loopback.ts";
import type { TlsFiles } from "../config/tlsFiles.ts";
import type { History } from "../history/history.ts";
import { Guests } from "../ops/guests.ts";
import type { DashboardAccess } from "./access.ts";
import { explanationOf } from "./explain/explanation.ts";
import { Gatekeeper, type Reader } from "./gatekeeper.ts";
import { addSecurityHeaders, streamHeaders } from "./headers.ts";
import { dashboardLimits as limits } from "./limits.ts";
import { answerOf, builtPage, type Page, readPage } from "./page.ts";
import { parameter } from "./parameters.ts";
import type { MarketSource, PartDashboard, Standing } from "./ports.ts";
import { guardedServer } from "./secure.ts";
import { Summaries } from "./summaries.ts";
import { summaryOf } from "./summaryNow.ts";
import { Events } from "./stream.ts";

export interface DashboardOptions {
  readonly host: string;
  readonly port: number;
  /** null: plain HTTP */
  readonly tls: TlsFiles | null;
  /** Where the page lies; undefined: where a build puts it. */
  readonly folder: string | undefined;
  readonly access: DashboardAccess;
  readonly parts: readonly PartDashboard[];
  readonly standing: Standing;
  readonly history: History;
  readonly coreHourPrice: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Answer = (request: FastifyRequest, reader: Reader) => object | null | Promise<object | null>;

/** What each part shows, by its path. */
const partPaths = { releases: "carla", slots: "batch", gpus: "gpu", intents: "intents" } as const;

/**
 * Serves the page and what it shows: GET only, to readers that prove to be
 * some, within bounds. The files of the page are for everybody: they tell nothing.
 */
export class DashboardServer implements Runnable {
  readonly name = "dashboard";
  readonly #options: DashboardOptions;
  readonly #guests: Guests;
  readonly #gatekeeper: Gatekeeper;
  readonly #summaries: Summaries;
  readonly #events: Events;
  readonly #app: FastifyInstance;
  readonly #watch: Runnable | null;
  #page: Page = new Map();

  /** @throws FieldError for TLS files that cannot be used */
  constructor(options: DashboardOptions) {
    this.#options = options;
    const { clock, logger, history, tls } = options;
    this.#guests = new Guests(clock, isLoopback, limits);
    this.#gatekeeper = new Gatekeeper(options);
    this.#summaries = new Summaries({ now: () => summaryOf(options), clock, logger });
    this.#events = new Events({ summaries: this.#summaries, history, clock });
    const { factory, watch } = guardedServer(this.#guests, tls, { clock, logger });
    this.#watch = watch;
    this.#app = fastify({ bodyLimit: limits.bodyBytes, serverFactory: factory });
    this.#serve();
  }

  /** The port in use, once started. */
  get port(): number {
    const address = this.#app.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Connections that are open, and streams among them. */
  get open(): { readonly connections: number; readonly streams: number } {
    return { connections: this.#guests.size, streams: this.#events.size };
  }

  async start(): Promise<void> {
    await this.#readPage();
    await this.#app.listen({ host: this.#options.host, port: this.#options.port });
    await this.#watch?.start();
  }

  async stop(): Promise<void> {
    await this.#watch?.stop();
    this.#app.server.closeAllConnections();
    await this.#app.close();
  }

  /** Without a page there is still what it would show. */
  async #readPage(): Promise<void> {
    const folder = this.#options.folder ?? builtPage();
    try {
      if (folder === undefined) throw new Error("it was not built");
      this.#page = await readPage(folder);
    } catch (error) {
      this.#options.logger.warn({ folder, error: describeError(error) }, "dashboard has no page: only /api is served");
    }
  }

  #serve(): void {
    this.#app.addHook("onRequest", (_, reply, done) => {
      addSecurityHeaders(reply);
      done();
    });
    this.#app.setErrorHandler((error, request, reply) => this.#failed(error, request, reply));
    this.#app.setNotFoundHandler((request, reply) => this.#notFound(request, reply));
    this.#answer("/api/me", (_, reader) => this.#me(reader));
    this.#answer("/api/summary", () => this.#summaries.whole());
    this.#serveMarket();
    for (const [shown, part] of Object.entries(partPaths)) this.#servePart(shown as keyof typeof partPaths, part);
    this.#answer("/api/explain/:key", ({ params }) =>
      explanationOf(parameter(params, "key"), { strip: () => this.#summaries.whole().strip }),
    );
    this.#app.get("/api/events", async (request, reply) => {
      const reader = await this.#gatekeeper.admit(request, reply);
      return reader ? this.#stream(reply) : reply;
    });
  }

  #serveMarket(): void {
    const shown = this.#options.parts.find((part) => part.market)?.market;
    const of = (path: string, answer: (market: MarketSource, parameters: unknown) => ReturnType<Answer>): void =>
      this.#answer(
        path,
        this.#of(shown, "market", (market, { params }) => answer(market, params)),
      );
    of("/api/nodes/:name", (market, given) => market.node(parameter(given, "name")));
    of("/api/pods/:namespace/:name", (market, given) =>
      market.pod(parameter(given, "namespace"), parameter(given, "name")),
    );
  }

  #servePart(shown: keyof typeof partPaths, part: string): void {
    const source = this.#options.parts.find((one) => one[shown])?.[shown];
    this.#answer(
      `/api/${shown}`,
      this.#of(source, part, (read) => read()),
    );
  }

  /** The answer of a part, or that it does not run. */
  #of<Source>(
    source: Source | undefined,
    part: string,
    answer: (source: Source, request: FastifyRequest) => ReturnType<Answer>,
  ): Answer {
    return (request) => (source === undefined ? notHere(part) : answer(source, request));
  }

  #answer(path: string, answer: Answer): void {
    this.#app.get(path, async (request, reply) => {
      const reader = await this.#gatekeeper.admit(request, reply);
      if (!reader) return reply;
      const found = await answer(request, reader);
      if (found === null) return reply.code(404).send({ error: `there is no ${request.url.split("?")[0]}` });
      if (found instanceof NotHere) return reply.code(404).send({ error: found.message });
      const bytes = Buffer.from(JSON.stringify(found));
      this.#guests.answers(reply.raw, bytes.length);
      return reply.type("application/json; charset=utf-8").header("cache-control", "no-store").send(bytes);
    });
  }

  #me({ user }: Reader): DashboardMe {
    const { replica, leads, leader, parts } = this.#options.standing;
    return { user, access: this.#gatekeeper.how, replica, leader: leads(), leaderName: leader(), parts: [...parts] };
  }

  async #stream(reply: FastifyReply): Promise<FastifyReply> {
    if (reply.raw.destroyed) return reply.hijack();
    if (this.#events.full)
      return reply
        .code(503)
        .send({ error: `${limits.streams} follow already: ask again later` } satisfies DashboardError);
    const { raw } = reply.hijack();
    this.#guests.stays(raw);
    raw.writeHead(200, streamHeaders);
    raw.flushHeaders();
    try {
      await this.#events.open(raw);
    } catch (error) {
      this.#options.logger.warn({ error: describeError(error) }, "dashboard stream failed");
      raw.destroy();
    }
    return reply;
  }

  /** Whatever is not below /api is a file of the page, or nothing. */
  #notFound({ method, url, headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (method !== "GET" && method !== "HEAD")
      return reply
        .code(405)
        .header("allow", "GET, HEAD")
        .send({ error: "it can only be read" } satisfies DashboardError);
    const path = url.split("?")[0] ?? "";
    const asset = this.#page.get(path);
    if (!asset) return reply.code(404).send({ error: this.#whyNot(path) } satisfies DashboardError);
    const { status, body, fields } = answerOf(asset, headers);
    this.#guests.answers(reply.raw, body.length);
    return reply
      .code(status)
      .headers(fields)
      .send(method === "HEAD" || status === 304 ? undefined : body);
  }

  #whyNot(path: string): string {
    if (path === "/" && this.#page.size === 0) return "the page was not built: what it shows is below /api";
    return `there is no ${path.slice(0, limits.reasonChars)}`;
  }

  #failed(error: unknown, { url }: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (error instanceof FieldError)
      return reply.code(400).send({ error: error.message, field: error.field } satisfies DashboardError);
    const status = (error as { readonly statusCode?: number }).statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: describeError(error) } satisfies DashboardError);
    this.#options.logger.error({ path: url.split("?")[0], error: describeError(error) }, "dashboard failed");
    return reply.code(500).send({ error: "this could not be answered: the log says why" } satisfies DashboardError);
  }
}

/** A part that this controller does not run. */
class NotHere extends Error {}

function notHere(part: string): NotHere {
  return new NotHere(`the part ${part} does not run here`);
}
