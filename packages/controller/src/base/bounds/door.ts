import { createServer, type Server, type Socket } from "node:net";

import { type Clock, type Timer, TokenBucket } from "@walras/kit";

import { isLoopback } from "./loopback.ts";

/** How many may come in, and how soon they must show who they are. */
interface DoorLimits {
  /** Connections that have proven nothing; the oldest gives way to a new one. */
  readonly unproven: number;
  /** Of one address, unless it is this machine; and how often it may connect. */
  readonly perAddress: number;
  readonly perAddressPerSecond: number;
  readonly perAddressBurst: number;
  /** New connections in all. */
  readonly perSecond: number;
  /** From connecting to being proven; null: nothing needs to be proven. */
  readonly proveMs: number | null;
}

export interface DoorOptions {
  readonly limits: DoorLimits;
  readonly clock: Clock;
  /** Connections that may be open in all. */
  readonly most: () => number;
  /** A connection has come in. */
  readonly enter: (socket: Socket) => void;
}

interface Guest {
  readonly socket: Socket;
  readonly address: string;
  /** Streams that have proven who they are. */
  proven: number;
  deadline: Timer | undefined;
}

/** A half-open connection whose peer has vanished is noticed by the kernel. */
const keepAliveMs = 30_000;

/**
 * Takes TCP connections before anything is spent on them: so many in all, of
 * one address and a second. One that does not prove itself in time is ended,
 * and the oldest of those gives way where there are too many.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #server: Server;
  readonly #guests = new Map<string, Guest>();
  readonly #rates = new Map<string, TokenBucket>();
  readonly #rate: TokenBucket;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#rate = new TokenBucket(options.limits.perSecond, options.limits.perSecond, options.clock);
    const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs };
    this.#server = createServer(tcp, (socket) => this.#arrive(socket));
  }

  /** Connections that are open. */
  get size(): number {
    return this.#guests.size;
  }

  /** @returns the port @throws Error where the address is taken */
  async listen(address: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen(hostAndPort(address), resolve);
    await promise;
    const bound = this.#server.address();
    return typeof bound === "object" && bound !== null ? bound.port : 0;
  }

  /** A stream of `peer`, ADDRESS:PORT, has proven who it is. */
  prove(peer: string): void {
    const guest = this.#guests.get(peer);
    if (!guest) return;
    guest.proven += 1;
    guest.deadline?.cancel();
  }

  /** A stream of `peer` that had proven itself has ended. */
  leave(peer: string): void {
    const guest = this.#guests.get(peer);
    if (!guest) return;
    guest.proven -= 1;
    if (guest.proven === 0) guest.deadline = this.#deadline(guest);
  }

  /** Ends the connection of a peer that would not hear of its end. */
  expel(peer: string): void {
    this.#guests.get(peer)?.socket.destroy();
  }

  /** Takes no new connections. @returns when those that are open have ended */
  shut(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Ends all connections now. */
  close(): void {
    this.#server.close();
    for (const { socket } of this.#guests.values()) socket.destroy();
  }

  #arrive(socket: Socket): void {
    const { remoteAddress: address = "", remotePort = 0 } = socket;
    socket.on("error", () => undefined);
    if (address === "" || !this.#admits(address)) {
      socket.destroy();
      return;
    }
    const guest: Guest = { socket, address, proven: 0, deadline: undefined };
    guest.deadline = this.#deadline(guest);
    this.#guests.set(`${address}:${remotePort}`, guest);
    socket.once("close", () => {
      guest.deadline?.cancel();
      this.#guests.delete(`${address}:${remotePort}`);
    });
    this.#options.enter(socket);
  }

  #admits(address: string): boolean {
    if (!this.#admitsOne(address) || !this.#rate.tryTake()) return false;
    const open = [...this.#guests.values()];
    const unproven = open.filter(({ proven, socket }) => proven === 0 && !socket.destroyed);
    if (open.length < this.#options.most() && unproven.length < this.#options.limits.unproven) return true;
    const [oldest] = unproven;
    oldest?.socket.destroy();
    return oldest !== undefined;
  }

  /** Who connects from this machine already has it; many agents may be simulated there. */
  #admitsOne(address: string): boolean {
    if (isLoopback(address)) return true;
    const own = [...this.#guests.values()].filter((guest) => guest.address === address).length;
    if (own >= this.#options.limits.perAddress) return false;
    const rate = this.#rates.get(address) ?? this.#newRate();
    this.#rates.delete(address);
    this.#rates.set(address, rate);
    if (this.#rates.size > mostAddresses) this.#rates.delete([...this.#rates.keys()][0] ?? "");
    return rate.tryTake();
  }

  #newRate(): TokenBucket {
    const { limits, clock } = this.#options;
    return new TokenBucket(limits.perAddressPerSecond, limits.perAddressBurst, clock);
  }

  #deadline({ socket }: Guest): Timer | undefined {
    const { clock, limits } = this.#options;
    return limits.proveMs === null ? undefined : clock.after(limits.proveMs, () => socket.destroy());
  }
}

/** Addresses whose rate is remembered: more than a cluster has nodes. */
const mostAddresses = 10_000;

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, "$1"), port: Number(address.slice(at + 1)) };
}
