import type { IncomingMessage } from "node:http";

import { busy, tooLong, type Turned } from "./refuse.ts";

/** Reads bodies, each of bounded length, and all of them together. */
export class Bodies {
  readonly #mostBytes: number;
  readonly #mostHeldBytes: number;
  #heldBytes = 0;

  constructor({ bodyBytes, heldBytes }: { readonly bodyBytes: number; readonly heldBytes: number }) {
    this.#mostBytes = bodyBytes;
    this.#mostHeldBytes = heldBytes;
  }

  /** Bytes of bodies that are not whole yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** The whole body as text, or why no more of it is read. @throws Error where the peer ends it */
  async read(request: IncomingMessage): Promise<string | Turned> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        const buffer = chunk as Buffer;
        bytes += buffer.length;
        this.#heldBytes += buffer.length;
        if (bytes > this.#mostBytes) return tooLong(`${bytes} or more`, this.#mostBytes);
        if (this.#heldBytes > this.#mostHeldBytes) return busy;
        chunks.push(buffer);
      }
      return Buffer.concat(chunks).toString("utf8");
    } finally {
      this.#heldBytes -= bytes;
    }
  }
}
