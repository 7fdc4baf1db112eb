import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below what Linux gives to connections that go out, so that none of them can take the port before its server does. */
const range = { from: 16_000, below: 32_000 };

/** A port of this machine that nobody listens on, nor will by chance. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(range.from, range.below);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
