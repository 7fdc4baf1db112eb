import { connect, type Socket } from "node:net";

import { silentLogger, VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { MemoryHistory } from "../history/memory.ts";
import { dashboardLimits } from "./limits.ts";
import type { DashboardServer } from "./server.ts";
import { Events } from "./stream.ts";
import { Summaries } from "./summaries.ts";
import { summaryOf } from "./summaryNow.ts";
import { FakeConnection, FakeMarket } from "./testing/fakes.ts";
import { as, refusal, served, standing, stopAll, whenOver } from "./testing/serving.ts";

afterEach(stopAll);

const patience = { timeout: 15_000 };

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
    await expect.poll(text, patience).toContain('"name":"before"');
    expect(text()).toMatch(/event: summary\ndata: \{"kind":"whole","seq":1/);
    expect(text()).toContain("content-security-policy");
    history.append(decision("after"));
    await expect.poll(text, patience).toContain('event: decision\ndata: {"id"');
    await clock.advance(dashboardLimits.summaryMs);
    await expect.poll(text, patience).toMatch(/event: summary\ndata: \{"kind":"delta","seq":2/);
    await expect.poll(text, patience).toContain('"name":"after"');
  });

  it("tells so many decisions a second, and how many it left out", async () => {
    const clock = new VirtualClock();
    const { server, history } = await served({ clock });
    const text = textOf(follower(server));
    await expect.poll(() => server.open.streams, patience).toBe(1);
    for (let count = 0; count < 500; count += 1) history.append(decision(`pod-${count}`));
    await clock.advance(1_000);
    history.append(decision("last"));
    await expect.poll(text, patience).toContain('"name":"last"');
    expect(text().split("event: decision").length - 1).toBe(dashboardLimits.decisionsBurst + 1);
    expect(text()).toContain(`"leftOut":${500 - dashboardLimits.decisionsBurst}`);
  });

  it("drops who does not read, and goes on for the others", async () => {
    const clock = new VirtualClock();
    const market = new FakeMarket();
    const now = (): ReturnType<typeof summaryOf> =>
      summaryOf({ parts: [{ market }], standing, coreHourPrice: 0.04, clock });
    const summaries = new Summaries({ now, clock, logger: silentLogger });
    const events = new Events({ summaries, history: new MemoryHistory(1024, clock), clock });
    const [deaf, reader] = [new FakeConnection(), new FakeConnection()];
    for (const connection of [deaf, reader]) await events.open(connection);
    deaf.writableLength = dashboardLimits.unreadBytes + 1;
    await clock.advance(2 * dashboardLimits.summaryMs);
    expect([deaf.destroyed, deaf.written.length, events.size]).toEqual([true, 1, 1]);
    expect(reader.written.map((text) => text.split("\n")[0])).toEqual(
      Array.from({ length: 3 }, () => "event: summary"),
    );
    reader.destroy();
    await clock.advance(5 * dashboardLimits.summaryMs);
    expect([events.size, reader.written.length]).toEqual([0, 3]);
  });

  it("is one of so many", async () => {
    const { server, url } = await served();
    for (let count = 0; count < dashboardLimits.streams; count += 1) textOf(follower(server));
    await expect.poll(() => server.open.streams, patience).toBe(dashboardLimits.streams);
    expect(await refusal(await fetch(`${url}/api/events`, as("dana")))).toEqual([
      503,
      `${dashboardLimits.streams} follow already: ask again later`,
    ]);
  });
});
