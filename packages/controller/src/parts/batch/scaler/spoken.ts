import type { Socket } from "node:net";

import type { Clock } from "@walras/kit";

import { scalerLimits as limits } from "./limits.ts";

/** What every HTTP/2 connection begins with (RFC 9113, 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Who serves a connection, by what is spoken on it. */
export interface Speakers {
  readonly http2: (socket: Socket) => void;
  readonly http1: (socket: Socket) => void;
}

/**
 * Hands a connection to whoever speaks its protocol, which its first bytes
 * tell: what is not HTTP/2 is taken for HTTP/1. No more is read than that
 * takes, and who has said nothing in time is dropped.
 */
export function listenFirst(socket: Socket, { http2, http1 }: Speakers, clock: Clock): void {
  const late = clock.after(limits.firstBytesMs, () => socket.destroy());
  let heard = Buffer.alloc(0);
  const hear = (chunk: Buffer): void => {
    heard = Buffer.concat([heard, chunk]);
    const length = Math.min(heard.length, preface.length);
    const isHttp2 = heard.subarray(0, length).equals(preface.subarray(0, length));
    if (isHttp2 && length < preface.length) return;
    late.cancel();
    socket.off("data", hear);
    socket.pause();
    socket.unshift(heard);
    if (isHttp2) return http2(socket);
    http1(socket);
    socket.resume();
  };
  socket.on("data", hear);
  socket.once("close", () => late.cancel());
}
