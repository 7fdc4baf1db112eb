import { type Clock, describeError, InputError } from "@walras/kit";
import type { FastifyReply, FastifyRequest } from "fastify";

import type { History, HistoryQuery } from "../history/history.ts";
import { readHistoryQuery } from "../history/http.ts";
import { HistoryStream, mostStreams } from "../history/stream.ts";
import type { Guests } from "./guests.ts";

/** /history: past decisions as JSON, or those and all that follow as a stream of server-sent events. */
export class HistoryRoute {
  readonly #history: History;
  readonly #guests: Guests;
  readonly #clock: Clock;
  #streams = 0;

  constructor(history: History, guests: Guests, clock: Clock) {
    this.#history = history;
    this.#guests = guests;
    this.#clock = clock;
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { headers, query: parameters } = request;
    let query: HistoryQuery;
    try {
      query = readHistoryQuery(parameters, headers["last-event-id"]?.toString());
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return reply.code(400).type("text/plain").send(`${error.message}\n`);
    }
    return headers.accept?.includes("text/event-stream") ? this.#stream(query, reply) : this.#page(query, reply);
  }

  async #page(query: HistoryQuery, reply: FastifyReply): Promise<FastifyReply> {
    try {
      const entries = await this.#history.query(query);
      const bytes = Buffer.from(JSON.stringify({ entries, next: entries.at(-1)?.id ?? query.after ?? null }));
      this.#guests.answers(reply.raw, bytes.length);
      return await reply.type("application/json; charset=utf-8").send(bytes);
    } catch (error) {
      return reply
        .code(503)
        .type("text/plain")
        .send(`${describeError(error)}\n`);
    }
  }

  async #stream(query: HistoryQuery, reply: FastifyReply): Promise<FastifyReply> {
    // Gone while it was found out whether it may ask: no close will be heard of any more.
    if (reply.raw.destroyed) return reply.hijack();
    if (this.#streams >= mostStreams)
      return reply.code(503).type("text/plain").send(`${mostStreams} follow already: ask again later\n`);
    this.#streams += 1;
    const { raw } = reply.hijack();
    raw.once("close", () => (this.#streams -= 1));
    this.#guests.stays(raw);
    raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    raw.flushHeaders();
    try {
      await new HistoryStream(this.#history, query, raw, this.#clock).start();
    } catch {
      raw.destroy();
    }
    return reply;
  }
}
