import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { OpsServer } from "../../../base/ops/http.ts";
import { baseMetrics } from "../../../base/ops/metrics.ts";
import { metricsIn, Registry } from "../../../base/ops/registry.ts";
import { batchMetrics } from "../metrics.ts";
import { scalerLimits } from "./limits.ts";
import { aRef, getMetrics, isActive, type ScalerRig, scalerRig, type RigOptions } from "./testing/rig.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** The scaler, with the ops server behind it. */
async function rig(options: RigOptions = {}): Promise<ScalerRig & { readonly url: string }> {
  const registry = new Registry();
  const metrics = baseMetrics(registry, metricsIn(registry));
  batchMetrics(metricsIn(registry), "available_node_count_30s").freeNodes.set(3);
  const ops = new OpsServer({
    host: "127.0.0.1",
    port: 0,
    metrics,
    views: { "/allowed": () => ({}) },
    notReady: () => [],
  });
  await ops.start();
  stops.push(() => ops.stop());
  const made = await scalerRig({ ...options, http1: (socket) => ops.serve(socket) });
  stops.push(() => made.close());
  return { ...made, url: `http://127.0.0.1:${made.server.port}` };
}

/** Sends pieces a moment apart. @returns what comes back until the peer ends it, or until so much is there */
async function said(port: number, pieces: readonly string[], enough = Infinity): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  let heard = "";
  socket.on("data", (text: string) => {
    heard += text;
    if (heard.length >= enough) socket.destroy();
  });
  socket.on("error", () => undefined);
  const closed = once(socket, "close");
  for (const piece of pieces) {
    socket.write(piece, "latin1");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await closed;
  return heard;
}

async function silent(port: number, begun = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").resume();
  socket.on("error", () => undefined);
  stops.push(() => socket.destroy());
  await once(socket, "connect");
  if (begun !== "") socket.write(begun);
  return socket;
}

describe("R10: the port that KEDA asks", () => {
  it("answers curl as well: /metrics with the gauge of free nodes, and the views", async () => {
    const { url, client } = await rig();
    const keda = client();
    for (let round = 0; round < 3; round += 1) {
      const answer = await fetch(`${url}/metrics`);
      expect([answer.status, await answer.text()]).toEqual([
        200,
        expect.stringMatching(/^available_node_count_30s 3$/m),
      ]);
      expect((await fetch(`${url}/allowed`)).status).toBe(200);
      expect((await fetch(`${url}/`)).status).toBe(404);
      expect((await getMetrics(keda, aRef())).metricValues).toHaveLength(1);
    }
  });

  it("tells the two apart however the first bytes come", async () => {
    const { server } = await rig();
    const request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    for (const pieces of [[request], request.split("")])
      expect(await said(server.port, pieces)).toMatch(/^HTTP\/1.1 200 OK/);
    expect(await said(server.port, ["PR", "OPFIND / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"])).toMatch(
      /^HTTP\/1.1 4/,
    );
    expect(await said(server.port, ["\u0016\u0003\u0001 and so on\r\n\r\n"])).toMatch(/^HTTP\/1.1 400/);
    // After the preface a frame of no settings; what comes back begins with a frame of the server's.
    const hello = ["PRI * HT", "TP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\u0004\0\0\0\0\0"];
    const heard = await said(server.port, hello, 9);
    expect(heard.charCodeAt(3)).toBe(4);
  });

  it("drops who says nothing, or never the end of its first words", async () => {
    const clock = new VirtualClock();
    const { server, client } = await rig({ clock });
    const sockets = [await silent(server.port), await silent(server.port, "PRI * HTTP")];
    await expect.poll(() => server.connections).toBe(2);
    await clock.advance(scalerLimits.firstBytesMs);
    await expect
      .poll(() => [server.connections, ...sockets.map(({ destroyed }) => destroyed)])
      .toEqual([0, true, true]);
    expect(await isActive(client(), aRef())).toEqual({ result: true });
  });

  it("is closed without waiting for whoever keeps a connection alive", async () => {
    // Its clock stands still: what is waited for is waited for without end.
    const { url, server } = await rig({ clock: new VirtualClock() });
    expect(await (await fetch(`${url}/healthz`)).text()).toBe("ok");
    expect(server.connections).toBe(1);
    await server.stop();
    await expect.poll(() => server.connections).toBe(0);
  });
});
