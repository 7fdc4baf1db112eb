import { connect, type ClientHttp2Session } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";

import { credentials, type ServiceError } from "@grpc/grpc-js";
import { sleep, systemClock } from "@walras/kit";
import { ExternalScalerClient } from "@walras/proto/externalscaler";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { Peer } from "../src/base/telemetry/agents/testing.ts";
import { Attacked, type Health } from "./attacked.ts";

/** Long enough for a Lease to be lost to reviews that wait before its renewals. */
const wrongTokens = { pauseMs: 100, forMs: 16_000 };
const mostRssMiB = 320;
const mostAgeMs = 2_000;

let world: Attacked;

beforeAll(async () => {
  world = await Attacked.start();
  await vi.waitFor(async () => expect((await world.look()).oldestMs).toBeLessThan(mostAgeMs), { timeout: 20_000 });
}, 40_000);

afterAll(() => world.stop());

/** Runs one turn after another until the time is over. */
async function repeat(
  turn: (count: number) => unknown,
  { pauseMs = 10, forMs = 5_000 }: { readonly pauseMs?: number; readonly forMs?: number } = {},
): Promise<void> {
  const untilMs = systemClock.monotonicMs() + forMs;
  for (let count = 0; systemClock.monotonicMs() < untilMs; count += 1) {
    await turn(count);
    await sleep(systemClock, pauseMs);
  }
}

/** It lives, it leads, the others' telemetry is fresh, and its memory is its container's. */
function expectWell(health: Health): void {
  expect(health).toMatchObject({ alive: true, leads: true, holder: expect.any(String) as string });
  expect(health.oldestMs).toBeLessThanOrEqual(mostAgeMs);
  expect(health.rssMiB).toBeLessThanOrEqual(mostRssMiB);
  expect(health.looks).toBeGreaterThan(2);
}

function silentSocket(port: number): Socket {
  const socket = connectTcp(port, "127.0.0.1").pause();
  socket.on("error", () => undefined);
  return socket;
}

describe("the controller under attack by one peer", () => {
  it("50 connections show wrong tokens while the API server is slow", async () => {
    world.cluster.api.faults.setLatencyMs(100);
    let peers: Peer[] = [];
    const health = await world.during(() =>
      repeat((count) => {
        const fresh = Array.from({ length: 50 }, (_, at) =>
          new Peer(world.ports.agents, { token: `wrong-${count}-${at}` }).read().hello({ nodeName: "a" }),
        );
        for (const peer of peers) peer.close();
        peers = fresh;
      }, wrongTokens),
    );
    for (const peer of peers) peer.close();
    world.cluster.api.faults.setLatencyMs(0);
    expectWell(health);
  }, 30_000);

  it("an agent with a token of its own reports what nobody knows, and never reads", async () => {
    const token = world.stolenToken;
    // So many are the most that a message holds.
    const handle = Array.from({ length: 36_000 }, (_, at) => at + 1);
    const column = handle.map(() => 0);
    const samples = {
      handle,
      usageMilli: column,
      throttledMilli: column,
      throttledPermille: column,
      pressurePermille: column,
    };
    let evil = new Peer(world.ports.agents, { token, window: 0 });
    let sequence = 0;
    const health = await world.during(() =>
      repeat(
        () => {
          if (evil.closed) evil = new Peer(world.ports.agents, { token, window: 0 });
          sequence = evil.said === 0 ? 0 : sequence + 1;
          if (evil.said === 0) evil.hello({ nodeName: "evil" });
          else evil.report(sequence, { full: true, samples });
        },
        { pauseMs: 20, forMs: 10_000 },
      ),
    );
    evil.close();
    expectWell(health);
  }, 30_000);

  it("60 connections ask for /market 1,500 times each, and never read", async () => {
    const question = "GET /market HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_500);
    let sockets: Socket[] = [];
    const health = await world.during(() =>
      repeat(
        () => {
          for (const socket of sockets) socket.destroy();
          sockets = Array.from({ length: 60 }, () => silentSocket(world.ports.ops));
          for (const socket of sockets) socket.write(question);
        },
        { pauseMs: 1_000 },
      ),
    );
    for (const socket of sockets) socket.destroy();
    expectWell(health);
  }, 30_000);

  it("a scaler's caller sends long metadata under ever new names", async () => {
    const client = new ExternalScalerClient(`127.0.0.1:${world.ports.scaler}`, credentials.createInsecure());
    const ask = (name: string, bytes: number): Promise<ServiceError | null> => {
      const scalerMetadata = { metricName: "m", caCert: "x".repeat(bytes) };
      const request = { scaledObjectRef: { name, namespace: "n", scalerMetadata }, metricName: "m" };
      return new Promise((resolve) => client.getMetrics(request, (error) => resolve(error)));
    };
    await expect.poll(() => ask("honest", 0), { timeout: 10_000 }).toBeNull();
    const health = await world.during(() =>
      repeat(
        (count) =>
          Promise.all([
            ...Array.from({ length: 20 }, (_, at) => ask(`long-${count}-${at}`, 240_000)),
            ...Array.from({ length: 20 }, (_, at) => ask(`less-${count}-${at}`, 60_000)),
          ]),
        { forMs: 8_000 },
      ),
    );
    expect(await ask("honest", 0)).toBeNull();
    client.close();
    expectWell(health);
  }, 30_000);

  it("thousands of connections say nothing", async () => {
    const sockets: Socket[] = [];
    const sessions: ClientHttp2Session[] = [];
    const health = await world.during(() =>
      repeat(
        () => {
          for (let count = 0; count < 50; count += 1) sockets.push(silentSocket(world.ports.agents));
          for (let count = 0; count < 5; count += 1) {
            const session = connect(`http://127.0.0.1:${world.ports.agents}`);
            session.on("error", () => undefined);
            sessions.push(session);
          }
        },
        { pauseMs: 50 },
      ),
    );
    for (const one of [...sockets, ...sessions]) one.destroy();
    expectWell(health);
    expect(health.files).toBeLessThan(600);
  }, 30_000);
});
