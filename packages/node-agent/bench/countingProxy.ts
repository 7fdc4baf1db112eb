import { connect, createServer, type Server } from "node:net";

/** Passes TCP on to a port of this machine and counts the bytes each way. */
export class CountingProxy {
  sentBytes = 0;
  receivedBytes = 0;
  readonly #server: Server;

  constructor(targetPort: number) {
    this.#server = createServer((client) => {
      const target = connect(targetPort, "127.0.0.1");
      client.on("data", (chunk) => (this.sentBytes += chunk.length));
      target.on("data", (chunk) => (this.receivedBytes += chunk.length));
      client.pipe(target).pipe(client);
      for (const socket of [client, target]) socket.on("error", () => (client.destroy(), target.destroy()));
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  }

  close(): void {
    this.#server.close();
  }
}
