import { connect, type Socket } from "node:net";

import { VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import type { MemoryHistory } from "../history/memory.ts";
import { dashboardLimits } from "./limits.ts";
import type { DashboardServer } from "./server.ts";
import { as, refusal, served, stopAll, whenOver } from "./testing/serving.ts";
import { FakeMarket } from "./testing/fakes.ts";

afterEach(stopAll);

/** Opens a stream, and takes nothing of it until told to. */
function follower(server: DashboardServer): Socket {
  const socket = connect(server.port, "127.0.0.1").pause();
  socket.on("error", () => undefined);
  socket.write("GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer dana-token\r\n\r\n");
  whenOver(() => socket.destroy());
  return socket;
}

function textOf(socket: Socket): () => string {
  let text = "";
  socket.on("data", (piece: Buffer) => (text += piece.toString()));
  socket.resume();
  return () => text;
}

const decision = (name: string): Parameters<MemoryHistory["append"]>[0] => ({
  part: "market",
  object: { apiVersion: "v1", kind: "Pod", namespace: "shop", name, uid: name },
  verdict: "MarketRations",
  reason: "the node's CPU is used up",
  numbers: {},
  at: 0,
});

describe("a stream of events", () => {
  it("begins with the whole and what was decided last, and goes on with deltas and decisions", async () => {
    const clock = new VirtualClock();
    const { server, history } = await served({ clock });
    history.append(decision("before"));
    const text = textOf(follower(server));
    await expect.poll(text).toContain('"name":"before"');
    expect(text()).toMatch(/event: summary\ndata: \{"kind":"whole","seq":1/);
    expect(text()).toContain("content-security-policy");
    history.append(decision("after"));
    await expect.poll(text).toContain('event: decision\ndata: {"id"');
    await clock.advance(dashboardLimits.summaryMs);
    await expect.poll(text).toMatch(/event: summary\ndata: \{"kind":"delta","seq":2/);
    await expect.poll(text).toContain('"name":"after"');
  });

  it("tells so many decisions a second, and how many it left out", async () => {
    const clock = new VirtualClock();
    const { server, history } = await served({ clock });
    const text = textOf(follower(server));
    await expect.poll(() => server.open.streams).toBe(1);
    for (let count = 0; count < 500; count += 1) history.append(decision(`pod-${count}`));
    await clock.advance(1_000);
    history.append(decision("last"));
    await expect.poll(text).toContain('"name":"last"');
    expect(text().split("event: decision").length - 1).toBe(dashboardLimits.decisionsBurst + 1);
    expect(text()).toContain(`"leftOut":${500 - dashboardLimits.decisionsBurst}`);
  });

  it("drops who does not read, and goes on for the others", async () => {
    const clock = new VirtualClock();
    const market = new FakeMarket(5_000, 150_000);
    const { server } = await served({ clock, parts: [{ market }] });
    follower(server);
    const text = textOf(follower(server));
    await expect.poll(() => server.open.streams).toBe(2);
    for (let second = 0; second < 600 && server.open.streams > 1; second += 1) {
      market.cluster.step();
      await clock.advance(dashboardLimits.summaryMs);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.open.streams).toBe(1);
    const before = text().length;
    await clock.advance(dashboardLimits.summaryMs);
    await expect.poll(() => text().length).toBeGreaterThan(before);
  });

  it("is one of so many", async () => {
    const { server, url } = await served();
    for (let count = 0; count < dashboardLimits.streams; count += 1) textOf(follower(server));
    await expect.poll(() => server.open.streams).toBe(dashboardLimits.streams);
    expect(await refusal(await fetch(`${url}/api/events`, as("dana")))).toEqual([
      503,
      `${dashboardLimits.streams} follow already: ask again later`,
    ]);
  });
});
