import { connect, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";

import { errorAt } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { ask } from "../testing/client.ts";
import { aPeer as connectPeer, question } from "../testing/peer.ts";
import { aPort, type TestPort } from "../testing/port.ts";
import { admissionLimits, type AdmissionLimits } from "./limits.ts";

const stops: (() => unknown)[] = [];
/** A thousand connections take a busy machine some seconds. */
const patience = { timeout: 20_000 };
let answered = 0;

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function port(limits: Partial<AdmissionLimits> = {}): Promise<TestPort> {
  answered = 0;
  const answer = (body: unknown): object => {
    if (Array.isArray(body)) throw errorAt("review", body, "is not valid");
    return { answered: (answered += 1) };
  };
  const opened = await aPort(answer, limits);
  stops.push(() => opened.server.stop());
  return opened;
}

async function aPeer(opened: TestPort): Promise<TLSSocket> {
  const peer = await connectPeer(opened);
  stops.push(() => peer.destroy());
  return peer;
}

/** So many at a time, for the kernel lets no more than some hundreds wait. */
async function floodOf(opened: TestPort, waves: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let wave = 0; wave < waves; wave += 1) {
    const more = silentSockets(opened, 100);
    sockets.push(...more);
    await Promise.all(more.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  }
  return sockets;
}

function gone(sockets: readonly Socket[]): number {
  return sockets.filter(({ destroyed }) => destroyed).length;
}

function silentSockets({ server }: TestPort, count: number): Socket[] {
  return Array.from({ length: count }, () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined).resume();
    stops.push(() => socket.destroy());
    return socket;
  });
}

describe("peers that ask nothing", () => {
  it("are a thousand, and as many as there is room for stay; who asks is answered", async () => {
    const opened = await port({ newConnectionsPerSecond: 2_000 });
    const most = admissionLimits.connections;
    const sockets = await floodOf(opened, 10);
    await expect.poll(() => gone(sockets), patience).toBe(1_000 - most);
    expect(opened.server.connections).toBe(most);
    expect((await ask({}, opened.asking)).status).toBe(200);
    expect(opened.server.connections).toBeLessThanOrEqual(most);
  });

  it("come so fast and no faster", async () => {
    const opened = await port({ newConnectionsPerSecond: 200 });
    const sockets = await floodOf(opened, 4);
    await expect.poll(() => gone(sockets), patience).toBe(200);
    await opened.clock.advance(1_000);
    expect((await ask({}, opened.asking)).status).toBe(200);
  });

  it("are ended when their time is over", async () => {
    const opened = await port();
    silentSockets(opened, 20);
    await aPeer(opened);
    await expect.poll(() => opened.server.connections).toBe(21);
    await opened.clock.advance(admissionLimits.questionMs);
    await expect.poll(() => opened.server.connections).toBe(0);
  });

  it("are ended with headers that never end", async () => {
    const opened = await port();
    const peer = await aPeer(opened);
    peer.resume().write("POST /mutate HTTP/1.1\r\nHost: x\r\n");
    for (let second = 0; second < admissionLimits.questionMs / 1_000; second += 1) {
      peer.write(`x-${second}: y\r\n`);
      await opened.clock.advance(1_000);
    }
    await expect.poll(() => peer.destroyed).toBe(true);
    expect(opened.server.connections).toBe(0);
  });

  it("are ended with a body that never ends, after a question as before one", async () => {
    const opened = await port();
    for (const before of ["", `${question(2)}{}`]) {
      const peer = await aPeer(opened);
      let heard = "";
      peer.on("data", (chunk: Buffer) => (heard += chunk.toString()));
      peer.write(before);
      if (before !== "") await expect.poll(() => heard).toContain("200 OK");
      peer.write(`${question(1_000)}{`);
      await expect.poll(() => opened.server.asking).toBe(1);
      await opened.clock.advance(admissionLimits.answerMs);
      await expect.poll(() => peer.destroyed).toBe(true);
    }
    expect([opened.server.connections, answered]).toEqual([0, 1]);
  });
});

describe("peers that ask too much", () => {
  it("are cut off in the middle of a body that does not tell its length", async () => {
    const opened = await port({ bodyBytes: 64 * 1024 });
    const peer = await aPeer(opened);
    peer.resume().write(question(0).replace("Content-Length: 0", "Transfer-Encoding: chunked"));
    const chunk = "x".repeat(16 * 1024);
    for (let count = 0; count < 64 && !peer.destroyed; count += 1)
      peer.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    await expect.poll(() => [...opened.turned]).toEqual([413]);
    await expect.poll(() => peer.destroyed).toBe(true);
    expect([opened.server.heldBytes, answered]).toEqual([0, 0]);
  });

  it("hold so many bytes together, and give them back", async () => {
    const opened = await port({ heldBytes: 100_000 });
    const peers = await Promise.all(Array.from({ length: 3 }, () => aPeer(opened)));
    for (const peer of peers) peer.resume().write(question(60_000) + "x".repeat(45_000));
    await expect.poll(() => [...opened.turned]).toEqual([503]);
    expect(opened.server.heldBytes).toBeLessThanOrEqual(100_000);
    for (const peer of peers) peer.destroy();
    await expect.poll(() => opened.server.heldBytes).toBe(0);
    expect((await ask({}, opened.asking)).status).toBe(200);
  });

  it("are so many at once, and the one beyond is told to come again", async () => {
    const opened = await port({ questions: 4 });
    const peers = await Promise.all(Array.from({ length: 4 }, () => aPeer(opened)));
    for (const peer of peers) peer.resume().write(`${question(10)}{`);
    await expect.poll(() => opened.server.asking).toBe(4);
    const { status, headers } = await ask({}, opened.asking);
    expect([status, headers["retry-after"]]).toEqual([503, "1"]);
  });

  it("ask before they are answered, and are ended", async () => {
    const opened = await port();
    const peer = await aPeer(opened);
    peer.pause().write(`${question(2)}{}`.repeat(5_000));
    await expect.poll(() => opened.server.connections).toBe(0);
    expect(answered).toBeLessThanOrEqual(1);
  });

  it("nest what they send as deep as there is room, and are told that it is no question", async () => {
    const opened = await port();
    const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
    expect((await ask(deep, opened.asking)).status).toBe(400);
    expect((await ask(deep.slice(1), opened.asking)).status).toBe(400);
  });

  it("send headers without an end, and are ended", async () => {
    const opened = await port();
    const peer = await aPeer(opened);
    peer.resume().write(`POST /mutate HTTP/1.1\r\nx: ${"y".repeat(admissionLimits.headerBytes)}\r\n\r\n`);
    await expect.poll(() => peer.destroyed).toBe(true);
    expect((await ask({}, opened.asking)).status).toBe(200);
  });

  it("speak no TLS, and are ended", async () => {
    const opened = await port();
    const [peer] = silentSockets(opened, 1);
    peer?.write(question(2));
    await expect.poll(() => peer?.destroyed).toBe(true);
    expect(opened.server.connections).toBe(0);
  });
});
