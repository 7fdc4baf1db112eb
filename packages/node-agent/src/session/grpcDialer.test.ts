import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ServerCredentials } from "@grpc/grpc-js";
import { silentLogger, systemClock, systemRng } from "@walras/kit";
import { type Pair, selfSigned } from "@walras/kit/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { TestController, type TestControllerOptions } from "../testing/controller.ts";
import { FakeSampler, hello, sampleOf } from "../testing/readings.ts";
import { AgentConnection } from "./agentConnection.ts";
import { GrpcDialer, type GrpcDialerOptions } from "./grpcDialer.ts";

const patience = { timeout: 8000, interval: 20 };

let directory: string;
let sampler: FakeSampler;
let running: { stop(): void }[];

async function controller(options: TestControllerOptions = {}): Promise<TestController> {
  const server = await new TestController(options).start();
  running.push(server);
  return server;
}

function connect(target: string, rest: Partial<GrpcDialerOptions> = {}): AgentConnection {
  const dialer = new GrpcDialer({ target, security: { insecure: true }, ...rest });
  const agent = new AgentConnection({
    dialer,
    sampler,
    hello,
    intervalMs: 100,
    clock: systemClock,
    rng: systemRng,
    logger: silentLogger,
  });
  agent.start();
  running.unshift(agent);
  return agent;
}

function tls({ cert, key }: Pair): ServerCredentials {
  return ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }]);
}

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "walras-dial-"));
  sampler = new FakeSampler();
  running = [];
});

afterEach(() => {
  for (const one of running) one.stop();
  rmSync(directory, { recursive: true, force: true });
});

describe("a stream over gRPC", () => {
  it("brings the hello, the token and then reports", async () => {
    const server = await controller({ pods: [{ uid: "u", configHash: "", containerIds: ["a"] }] });
    const tokenFile = file("token", "secret\n");
    sampler.containers = [sampleOf("a")];
    connect(`127.0.0.1:${server.port}`, { security: { insecure: true, tokenFile } });
    await vi.waitUntil(() => server.reports.length >= 3, patience);
    expect(server.hellos).toMatchObject([hello]);
    expect(server.tokens).toEqual(["Bearer secret"]);
    expect(server.reports.map(({ sequence }) => sequence).slice(0, 3)).toEqual([1, 2, 3]);
    expect(server.reports[0]).toMatchObject({ full: true, introduced: [{ containerId: "a" }] });
    expect(sampler.wanted?.podUidOf?.get("a")).toBe("u");
  });

  it("reads a renewed token when it connects again", async () => {
    const server = await controller();
    const tokenFile = file("token", "first");
    connect(`127.0.0.1:${server.port}`, { security: { insecure: true, tokenFile } });
    await vi.waitUntil(() => server.reports.length > 0, patience);
    file("token", "second");
    server.call?.end();
    await vi.waitUntil(() => server.tokens.length >= 2, patience);
    expect(server.tokens.slice(0, 2)).toEqual(["Bearer first", "Bearer second"]);
  });

  it("is led by a standby's refusal to the leader", async () => {
    const standby = await controller({ standby: true });
    const other = await controller({ standby: true });
    const leader = await controller();
    connect(`ipv4:127.0.0.1:${standby.port},127.0.0.1:${other.port},127.0.0.1:${leader.port}`);
    await vi.waitUntil(() => leader.reports.length >= 2, patience);
    expect(leader.hellos).toHaveLength(1);
  });

  it("comes back to a controller that was killed, with everything", async () => {
    const first = await controller();
    sampler.containers = [sampleOf("a")];
    connect(`127.0.0.1:${first.port}`);
    await vi.waitUntil(() => first.reports.length >= 2, patience);
    first.stop();
    const second = await controller({ port: first.port });
    await vi.waitUntil(() => second.reports.length >= 2, patience);
    expect(second.reports[0]).toMatchObject({ sequence: 1, full: true, introduced: [{ containerId: "a" }] });
  });

  it("sends everything again when asked, and leaves a deposed leader", async () => {
    const server = await controller();
    connect(`127.0.0.1:${server.port}`);
    await vi.waitUntil(() => server.reports.length >= 2, patience);
    server.say(3, { $case: "resync", value: { reason: "test" } });
    await vi.waitUntil(() => server.reports.filter(({ full }) => full).length === 2, patience);
    server.say(2, { $case: "podSet", value: { pods: [] } });
    await vi.waitUntil(() => server.hellos.length >= 2, patience);
    expect(server.hellos.length).toBeGreaterThanOrEqual(2);
  });

  it("queues nothing for a controller that does not read, and then tells the newest", async () => {
    const server = await controller({ intervalMillis: 100 });
    server.reading = false;
    let round = 0;
    const sample = sampler.sample.bind(sampler);
    vi.spyOn(sampler, "sample").mockImplementation((wanted) => {
      round += 1;
      sampler.containers = Array.from({ length: 2000 }, (_, index) =>
        sampleOf(`${index}`.padStart(64, "0"), { usageMilli: 100 + (round % 2) * 1000 + round }),
      );
      return sample(wanted);
    });
    connect(`127.0.0.1:${server.port}`);
    await vi.waitUntil(() => server.call !== null && round >= 40, patience);
    server.call?.resume();
    const resumed = round;
    await vi.waitUntil(() => (server.reports.at(-1)?.samples?.usageMilli[0] ?? 0) % 1000 >= 100 + resumed, patience);
    expect(server.reports.length).toBeLessThan(round - 10);
    expect(server.reports.map(({ sequence }) => sequence)).toEqual(server.reports.map((_, index) => index + 1));
    expect(server.reports.filter(({ full }) => full)).toHaveLength(1);
  });

  it("does not take a message beyond all measure, and goes on", async () => {
    const server = await controller();
    connect(`127.0.0.1:${server.port}`);
    await vi.waitUntil(() => server.reports.length >= 1, patience);
    server.say(1, { $case: "resync", value: { reason: "x".repeat(300 * 1024) } });
    await vi.waitUntil(() => server.hellos.length === 2, patience);
    expect(server.hellos).toHaveLength(2);
  });
});

describe("TLS", () => {
  it("trusts the authority in the file, as it is when it connects", async () => {
    const [old, renewed] = await Promise.all([selfSigned("old"), selfSigned("new")]);
    const first = await controller({ credentials: tls(old) });
    const caFile = file("ca.crt", old.cert);
    connect(`localhost:${first.port}`, { security: { insecure: false, caFile } });
    await vi.waitUntil(() => first.reports.length >= 1, patience);
    first.stop();
    const second = await controller({ credentials: tls(renewed), port: first.port });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(second.hellos).toHaveLength(0);
    file("ca.crt", renewed.cert);
    await vi.waitUntil(() => second.reports.length >= 1, patience);
    expect(second.hellos).toHaveLength(1);
  });

  it("shows the agent's certificate to a controller that asks for one", async () => {
    const [server, client] = await Promise.all([selfSigned("server"), selfSigned("system:walras-agent:n1")]);
    const pair = { cert_chain: Buffer.from(server.cert), private_key: Buffer.from(server.key) };
    const strict = ServerCredentials.createSsl(Buffer.from(client.cert), [pair], true);
    const target = await controller({ credentials: strict });
    const caFile = file("ca.crt", server.cert);
    connect(`localhost:${target.port}`, {
      security: {
        insecure: false,
        caFile,
        certFile: file("tls.crt", client.cert),
        keyFile: file("tls.key", client.key),
      },
    });
    await vi.waitUntil(() => target.reports.length >= 1, patience);
    expect(target.call?.getAuthContext().sslPeerCertificate?.subject.CN).toBe("system:walras-agent:n1");
  });

  it("goes by another name than the target's where it is told", async () => {
    const pair = await selfSigned("server");
    const server = await controller({ credentials: tls(pair) });
    const security = { insecure: false, caFile: file("ca.crt", pair.cert) };
    connect(`ipv4:127.0.0.1:${server.port}`, { security, tlsServerName: "localhost" });
    await vi.waitUntil(() => server.reports.length >= 1, patience);
    expect(server.hellos).toHaveLength(1);
  });
});
