import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** One address of several ports, as a Service is of pods: each connection goes to the next of them, all further ones to the last. */
export class ServiceDouble {
  readonly #ports: readonly number[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(ports: readonly number[]) {
    this.#ports = ports;
    this.#server = createServer((socket) => this.#lead(socket));
  }

  static async over(ports: readonly number[]): Promise<ServiceDouble> {
    const made = new ServiceDouble(ports);
    await new Promise<void>((resolve) => made.#server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many there have been. */
  get connections(): number {
    return this.#connections;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #lead(socket: Socket): void {
    const port = this.#ports[Math.min(this.#connections, this.#ports.length - 1)] ?? 0;
    this.#connections += 1;
    const pod = connect(port, "127.0.0.1");
    this.#join(socket, pod);
    this.#join(pod, socket);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("error", () => undefined);
    from.once("close", () => {
      this.#sockets.delete(from);
      to.destroySoon();
    });
    from.pipe(to);
  }
}
