import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";

import { VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { OpsServer, type OpsOptions } from "./http.ts";
import { opsLimits } from "../bounds/opsLimits.ts";
import { baseMetrics } from "./metrics.ts";
import { metricsIn, Registry } from "./registry.ts";
import { FakeViewAccess } from "./testing.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

function metrics(): OpsOptions["metrics"] {
  const registry = new Registry();
  return baseMetrics(registry, metricsIn(registry));
}

async function ops(options: Partial<OpsOptions> = {}): Promise<{ server: OpsServer; url: string; port: number }> {
  const base = { host: "127.0.0.1", port: 0, metrics: metrics(), notReady: () => [], views: {} };
  const server = new OpsServer({ ...base, ...options });
  await server.start();
  stops.push(() => server.stop());
  return { server, url: `http://127.0.0.1:${server.port}`, port: server.port };
}

/** Asks so often on one connection, and takes no answer. */
function deafPeer(port: number, requests: number, path = "/market"): Socket {
  const socket = connect(port, "127.0.0.1").pause();
  socket.on("error", () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(requests));
  stops.push(() => socket.destroy());
  return socket;
}

function answerOf(url: string, authorization?: string): Promise<IncomingMessage> {
  const headers = authorization === undefined ? {} : { authorization };
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => resolve(answer.resume())).on("error", reject);
  });
}

const megabytes = (count: number): { text: string } => ({ text: "x".repeat(count * 1024 * 1024) });

describe("the ops port", () => {
  it("renders a view once for all who ask within a moment", async () => {
    let renderings = 0;
    const clock = new VirtualClock();
    const { url } = await ops({ clock, views: { "/market": () => ({ at: (renderings += 1) }) } });
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await fetch(`${url}/market`)).json()));
    expect([renderings, answers.at(-1)]).toEqual([1, { at: 1 }]);
    await clock.advance(opsLimits.renderMs);
    expect(await (await fetch(`${url}/market`)).json()).toEqual({ at: 2 });
  });

  it("answers one question at a time on a connection, and ends one that asks for more", async () => {
    let renderings = 0;
    const { url, port, server } = await ops({
      clock: new VirtualClock(),
      views: { "/market": () => ({ at: (renderings += 1), ...megabytes(8) }) },
    });
    for (let count = 0; count < 60; count += 1) deafPeer(port, 1_500);
    await expect.poll(() => server.connections).toBe(0);
    expect(renderings).toBeLessThanOrEqual(1);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("gives up who does not take an answer in time", async () => {
    const clock = new VirtualClock();
    const { port, server } = await ops({ clock, views: { "/market": () => megabytes(8) } });
    deafPeer(port, 1);
    await expect.poll(() => server.connections).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(opsLimits.responseMs);
    await expect.poll(() => server.connections).toBe(0);
  });

  it("keeps so many bytes of answers at most for those who do not take them", async () => {
    const { port, url, server } = await ops({ clock: new VirtualClock(), views: { "/market": () => megabytes(8) } });
    const most = opsLimits.responseBytes / (8 * 1024 * 1024);
    for (let count = 0; count < 3 * most; count += 1) deafPeer(port, 1);
    await expect.poll(() => server.connections).toBeLessThanOrEqual(most);
    expect((await fetch(`${url}/market`)).status).toBe(200);
  });

  it("holds so many connections at most, and a new one is served", async () => {
    const { url, port, server } = await ops({ clock: new VirtualClock() });
    for (let count = 0; count < 2 * opsLimits.connections; count += 1) deafPeer(port, 0);
    await expect.poll(() => server.connections).toBe(opsLimits.connections);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it("holds fewer of one address, unless it is this machine", async () => {
    const { port, server } = await ops({ clock: new VirtualClock(), isLocal: () => false });
    const sockets = Array.from({ length: 30 }, () => deafPeer(port, 0).resume());
    await expect
      .poll(() => sockets.filter(({ destroyed }) => destroyed).length)
      .toBe(sockets.length - opsLimits.connectionsPerAddress);
    expect(server.connections).toBe(opsLimits.connectionsPerAddress);
  });

  it("tells a view that failed, and goes on", async () => {
    let broken = true;
    const clock = new VirtualClock();
    const view = (): object => {
      if (broken) throw new Error("broken");
      return { fine: true };
    };
    const { url } = await ops({ clock, views: { "/market": view } });
    expect((await fetch(`${url}/market`)).status).toBe(500);
    broken = false;
    await clock.advance(opsLimits.renderMs);
    expect(await (await fetch(`${url}/market`)).json()).toEqual({ fine: true });
  });
});

describe("a view that names pods", () => {
  const views: OpsOptions["views"] = {
    "/market": { read: () => ({ pod: "cart-2" }), namesPods: true },
    "/nodes": () => ({ node: "a" }),
  };
  const access = new FakeViewAccess({ dana: ["/market"], eve: [] });

  it("is shown to this machine, and others see what names none", async () => {
    const { url } = await ops({ views, access });
    expect(await (await fetch(`${url}/market`)).json()).toEqual({ pod: "cart-2" });
    const remote = await ops({ views, access, isLocal: () => false });
    expect(await (await fetch(`${remote.url}/nodes`)).json()).toEqual({ node: "a" });
    for (const path of ["/metrics", "/healthz", "/readyz"]) {
      expect((await answerOf(`${remote.url}${path}`)).statusCode).toBe(200);
    }
  });

  it.each([
    [undefined, 401],
    ["Basic ZGFuYTo=", 401],
    ["Bearer stranger", 401],
    ["Bearer eve", 403],
    ["Bearer dana", 200],
    ["bearer dana", 200],
  ])("is answered to %s with %d", async (authorization, code) => {
    const { url } = await ops({ views, access, isLocal: () => false });
    const { statusCode, headers } = await answerOf(`${url}/market`, authorization);
    expect([statusCode, headers["www-authenticate"]]).toEqual([code, code === 401 ? "Bearer" : undefined]);
  });

  it("says which rule is missing", async () => {
    const { url } = await ops({ views, access, isLocal: () => false });
    const answer = await fetch(`${url}/market`, { headers: { authorization: "Bearer eve" } });
    expect(await answer.text()).toContain('nonResourceURLs: ["/market"], verbs: ["get"]');
  });

  it("is shown to nobody else while the API server is away, or where there is none to ask", async () => {
    const away = new FakeViewAccess({ dana: ["/market"] });
    away.away = true;
    for (const options of [{ access: away }, {}]) {
      const { url } = await ops({ views, isLocal: () => false, ...options });
      expect((await answerOf(`${url}/market`, "Bearer dana")).statusCode).toBe(503);
    }
  });
});
