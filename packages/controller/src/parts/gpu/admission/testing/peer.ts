import { connect, type TLSSocket } from "node:tls";

import { host } from "./client.ts";
import type { TestPort } from "./port.ts";

/** One that has shaken hands, and writes what it likes. */
export async function aPeer({ server, identity }: TestPort): Promise<TLSSocket> {
  const socket = connect({ port: server.port, host: "127.0.0.1", ca: identity.authority, servername: host });
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  return socket;
}

/** The headers of a question of so many bytes. */
export function question(length: number): string {
  return `POST /mutate HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
}
