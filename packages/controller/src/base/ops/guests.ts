import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

import type { Clock, Timer } from "@walras/kit";

import { opsLimits } from "../bounds/opsLimits.ts";

/** What guests may hold or do at most, as the limits of a port tell it. */
export interface GuestLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly requestsAtOnce: number;
  readonly responseMs: number;
  readonly responseBytes: number;
}

interface Guest {
  readonly socket: Socket;
  readonly address: string;
  /** Requests whose answer it has not taken yet. */
  asking: number;
}

/**
 * The peers of an HTTP server: so many connections, one question at a time on
 * each, and so many bytes of answers that wait to be taken. Who is slow is
 * given up, so that others can be served.
 */
export class Guests {
  readonly #clock: Clock;
  readonly #isLocal: (address: string) => boolean;
  readonly #limits: GuestLimits;
  readonly #guests = new Map<Socket, Guest>();
  readonly #answers = new Map<ServerResponse, number>();
  readonly #late = new Map<ServerResponse, Timer>();
  #bytes = 0;

  constructor(clock: Clock, isLocal: (address: string) => boolean, limits: GuestLimits = opsLimits) {
    this.#clock = clock;
    this.#isLocal = isLocal;
    this.#limits = limits;
  }

  /** Connections that are open. */
  get size(): number {
    return this.#guests.size;
  }

  arrive(socket: Socket): void {
    const address = socket.remoteAddress ?? "";
    if (!this.#hasRoomFor(address)) {
      socket.destroy();
      return;
    }
    this.#guests.set(socket, { socket, address, asking: 0 });
    socket.once("close", () => this.#guests.delete(socket));
    if (this.#guests.size > this.#limits.connections) this.#giveWay();
  }

  /** Notes a request. @returns false: its connection was ended, since another is under way there */
  asks(socket: Socket, response: ServerResponse): boolean {
    const guest = this.#guests.get(socket);
    if (!guest || guest.asking >= this.#limits.requestsAtOnce) {
      stopParsing(socket);
      socket.destroy();
      return false;
    }
    guest.asking += 1;
    this.#late.set(
      response,
      this.#clock.after(this.#limits.responseMs, () => socket.destroy()),
    );
    response.once("close", () => {
      guest.asking -= 1;
      this.stays(response);
      this.#taken(response);
    });
    return true;
  }

  /** The answer is a stream, which bounds by itself what its peer leaves unread: it may last. */
  stays(response: ServerResponse): void {
    this.#late.get(response)?.cancel();
    this.#late.delete(response);
  }

  /** Notes an answer of so many bytes, before it is sent. */
  answers(response: ServerResponse, bytes: number): void {
    this.#answers.set(response, bytes);
    this.#bytes += bytes;
    for (const [oldest] of this.#answers) {
      if (this.#bytes <= this.#limits.responseBytes || oldest === response) return;
      this.#taken(oldest);
      oldest.destroy();
    }
  }

  #taken(response: ServerResponse): void {
    this.#bytes -= this.#answers.get(response) ?? 0;
    this.#answers.delete(response);
  }

  #hasRoomFor(address: string): boolean {
    if (this.#isLocal(address)) return true;
    const own = [...this.#guests.values()].filter((guest) => guest.address === address);
    return own.length < this.#limits.connectionsPerAddress;
  }

  #giveWay(): void {
    const open = [...this.#guests.values()];
    const oldest = open.find(({ asking }) => asking === 0) ?? open[0];
    if (!oldest) return;
    this.#guests.delete(oldest.socket);
    oldest.socket.destroy();
  }
}

/**
 * A packet holds thousands of requests, and Node makes an answer for each of
 * them though the socket was destroyed at the first.
 */
export function stopParsing(socket: Socket & { readonly parser?: { onIncoming?: unknown } | null }): void {
  if (socket.parser) socket.parser.onIncoming = () => 0;
}
