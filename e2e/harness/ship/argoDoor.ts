import { connect, type AddressInfo, type Socket } from "node:net";
import { createServer, type Server } from "node:tls";

import { issue } from "@walras/cli/certs";

import { argoUrl } from "../argo.ts";

/** The testbed's Argo CD listens on this machine alone: this leads pods to it, over TLS, by an address that they can reach. */
export class ArgoDoor {
  /** PEM. */
  readonly authority: string;
  readonly #server: Server;
  readonly #host: string;
  readonly #open = new Set<Socket>();

  private constructor(server: Server, host: string, authority: string) {
    this.#server = server;
    this.#host = host;
    this.authority = authority;
    server.on("secureConnection", (socket) => this.#lead(socket));
    server.on("tlsClientError", () => undefined);
  }

  /** @param host of this machine, as pods see it */
  static async open(host: string): Promise<ArgoDoor> {
    const { authority, certificate, key } = await issue([host], 2);
    const door = new ArgoDoor(createServer({ cert: certificate, key }), host, authority);
    await new Promise<void>((resolve) => door.#server.listen(0, "0.0.0.0", resolve));
    return door;
  }

  get url(): string {
    return `https://${this.#host}:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #lead(from: Socket): void {
    const { hostname, port } = new URL(argoUrl);
    const to = connect(Number(port), hostname);
    for (const socket of [from, to]) {
      this.#open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#open.delete(socket);
        from.destroy();
        to.destroy();
      });
    }
    from.pipe(to);
    to.pipe(from);
  }
}
