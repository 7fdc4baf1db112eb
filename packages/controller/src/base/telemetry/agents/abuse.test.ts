import { connect as connectTcp, type Socket } from "node:net";

import { ServerCredentials, status } from "@grpc/grpc-js";
import { silentLogger, VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { Admission, refusalOf } from "./admission.ts";
import { AuthenticationError, type Authenticator, trustingAuthenticator } from "./authenticator.ts";
import { agentLimits } from "../../bounds/agentLimits.ts";
import type { AgentRegistry } from "./registry.ts";
import { AgentServer } from "./server.ts";
import { aRegistry, Peer } from "./testing.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

interface Port {
  readonly server: AgentServer;
  readonly clock: VirtualClock;
  readonly registry: AgentRegistry;
}

async function agentsPort(authenticator: Authenticator = trustingAuthenticator, knownNodes = 100): Promise<Port> {
  const clock = new VirtualClock();
  const registry = aRegistry(clock);
  const server = new AgentServer({
    address: "127.0.0.1:0",
    credentials: ServerCredentials.createInsecure(),
    authenticator,
    host: registry,
    logger: silentLogger,
    clock,
    knownNodes: () => knownNodes,
  });
  await server.start();
  stops.push(() => {
    registry.stop();
    server.stop();
  });
  return { server, clock, registry };
}

function aPeer(port: number, window?: number): Peer {
  const peer = new Peer(port, { token: "abc", ...(window !== undefined && { window }) });
  stops.push(() => peer.close());
  return peer;
}

function silentSockets(port: number, count: number): Socket[] {
  return Array.from({ length: count }, () => {
    const socket = connectTcp(port, "127.0.0.1");
    socket.on("error", () => undefined).resume();
    stops.push(() => socket.destroy());
    return socket;
  });
}

describe("connections that show nothing", () => {
  it("are ended when their time is over, whatever they have begun", async () => {
    const { server, clock } = await agentsPort();
    silentSockets(server.port, 20);
    const halfWay = aPeer(server.port).read();
    await expect.poll(() => server.connections).toBe(21);
    await clock.advance(agentLimits.helloMs);
    await expect.poll(() => server.connections).toBe(0);
    await expect.poll(() => halfWay.closed).toBe(true);
  });

  it("are so many at most, and give way to an agent that proves its node", async () => {
    const { server, registry } = await agentsPort(trustingAuthenticator, 1);
    const most = agentLimits.connectionsPerNode + agentLimits.connectionsBeside;
    const sockets = silentSockets(server.port, most + 30);
    await expect.poll(() => sockets.filter(({ destroyed }) => destroyed).length).toBe(30);
    expect(server.connections).toBeLessThanOrEqual(most);
    aPeer(server.port).read().hello();
    await expect.poll(() => [...registry.nodes()]).toEqual(["node-1"]);
    silentSockets(server.port, most);
    await expect.poll(() => server.connections).toBe(most);
    expect([...registry.nodes()]).toEqual(["node-1"]);
  });

  it("are ended again after the stream that had proven a node", async () => {
    const { server, clock, registry } = await agentsPort();
    const agent = aPeer(server.port).read().hello();
    await expect.poll(() => [...registry.nodes()]).toEqual(["node-1"]);
    registry.stop();
    await expect.poll(() => agent.status).toBe(status.ABORTED);
    await clock.advance(agentLimits.helloMs);
    await expect.poll(() => server.connections).toBe(0);
  });
});

describe("an agent that never reads", () => {
  it("is told little, is dropped, and its connection with it", async () => {
    const { server, clock, registry } = await agentsPort();
    aPeer(server.port, 0).hello();
    await expect.poll(() => [...registry.nodes()]).toEqual(["node-1"]);
    for (let change = 0; change < 40; change += 1) {
      registry.refresh("node-1");
      await clock.advance(100);
    }
    expect([...registry.nodes()]).toEqual(["node-1"]);
    await clock.advance(agentLimits.unreadMs);
    expect([...registry.nodes()]).toEqual([]);
    await clock.advance(agentLimits.lingerMs);
    await expect.poll(() => server.connections).toBe(0);
  });
});

describe("an agent that says too much", () => {
  it("is ended when its reports come faster than they can be meant", async () => {
    const { server } = await agentsPort();
    const flood = aPeer(server.port).read().hello();
    for (let sequence = 1; sequence <= agentLimits.reportsBurst + 1; sequence += 1) flood.report(sequence);
    await expect.poll(() => flood.status).toBe(status.ABORTED);
  });

  it.each([
    ["a Hello beyond 16 KiB", { agentVersion: "x".repeat(agentLimits.helloBytes) }],
    ["a Hello that names no node", { nodeName: "" }],
  ])("is refused for %s", async (_, changes) => {
    const { server } = await agentsPort();
    const peer = aPeer(server.port).read().hello(changes);
    await expect.poll(() => peer.status).toBe(status.INVALID_ARGUMENT);
  });

  it("is let in at a rate, and told to come again", async () => {
    const clock = new VirtualClock();
    const admission = new Admission(trustingAuthenticator, clock);
    const one = (): Promise<unknown> =>
      admission.admit({ token: "", certificateName: "", claimedNode: "n" }).catch((error: unknown) => refusalOf(error));
    const all = await Promise.all(Array.from({ length: agentLimits.hellosBurst + 1 }, one));
    expect(all.slice(0, -1).every((answer) => (answer as { node?: string }).node === "n")).toBe(true);
    expect(all.at(-1)).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining("try again") as string,
    });
    await clock.advance(10);
    expect(await one()).toEqual({ node: "n" });
  });
});

describe("an agent whose token has ended", () => {
  it("loses its live stream", async () => {
    let good = true;
    const authenticate = (): Promise<{ node: string; reviewInMs: number }> =>
      good
        ? Promise.resolve({ node: "node-1", reviewInMs: 5_000 })
        : Promise.reject(new AuthenticationError("the token is not valid: expired"));
    const { server, clock, registry } = await agentsPort({ authenticate });
    const agent = aPeer(server.port).read().hello();
    await expect.poll(() => [...registry.nodes()]).toEqual(["node-1"]);
    await clock.advance(5_000);
    expect([...registry.nodes()]).toEqual(["node-1"]);
    good = false;
    await clock.advance(5_000);
    await expect.poll(() => agent.status).toBe(status.UNAUTHENTICATED);
  });
});
