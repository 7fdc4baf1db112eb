import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";

import { Server } from "@grpc/grpc-js";
import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { issueIdentity } from "@walras/kit/certificates";
import { KubeError, type KubeRequest, type KubeTransport, WriteQueue } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { addBaseFlags, baseSchema, commonDefaults } from "../../config/flags.ts";
import { baseMetrics } from "../../ops/metrics.ts";
import { metricsIn, Registry } from "../../ops/registry.ts";
import { repeatingIn } from "../../ops/repeating.ts";
import type { Decision } from "../../told/decision.ts";
import { Teller } from "../../told/teller.ts";
import { rotation } from "../../trust/rotation.ts";
import { portIdentity } from "./identity.ts";

const namespace = "walras-system";
const host = `walras-controller.${namespace}.svc`;
const secretPath = `/api/v1/namespaces/${namespace}/secrets/walras-tls`;
const configMapPath = `/api/v1/namespaces/${namespace}/configmaps/walras-controller-ca`;
const dayMs = 86_400_000;
/** Clients judge certificates by the machine's clock, which is to be after the first rotation. */
const aheadDays = 61;

let clock: VirtualClock;
let api: KubeTransport;
let onRequest: (request: KubeRequest) => void;
let stops: (() => unknown)[];

beforeEach(async () => {
  clock = new VirtualClock(Date.now() - aheadDays * dayMs);
  api = inProcessTransport(new ApiServer({ clock, rng: seededRng(5) }), "walras-controller");
  onRequest = () => undefined;
  stops = [];
  const create = (path: string, body: object): Promise<unknown> => api.send({ method: "POST", path, body });
  await create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await create(secretPath.slice(0, secretPath.lastIndexOf("/")), {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "walras-tls" },
  });
  await create(configMapPath.slice(0, configMapPath.lastIndexOf("/")), {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "walras-controller-ca" },
  });
});

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** One controller's port, as its flags want it. */
class Replica {
  leads: boolean;
  readonly told: Decision[] = [];
  readonly writes: string[] = [];
  readonly registry = new Registry();
  readonly identity: ReturnType<typeof portIdentity>;
  readonly #server = new Server();
  #port = 0;

  constructor(leads: boolean, given: object = { tlsIssue: "self" }) {
    this.leads = leads;
    const around = { clock, rng: seededRng(1), logger: silentLogger, onLost: () => undefined };
    const metrics = baseMetrics(this.registry, metricsIn(this.registry));
    const observer = { finished: () => undefined, waiting: () => undefined };
    const transport: KubeTransport = {
      send: async (request) => {
        onRequest(request);
        if (request.method !== "GET") this.writes.push(`${request.method} ${request.path}`);
        return api.send(request);
      },
      stream: (request) => api.stream(request),
    };
    const writes = new WriteQueue({ ...around, perSecond: 1_000, burst: 1_000, observer });
    const flags = { ...addBaseFlags(new Command(), {}).opts(), identity: "c", ...commonDefaults, ...given };
    this.identity = portIdentity(baseSchema.parse(flags), around, {
      access: { transport, writes, leadership: { leads: () => this.leads } as never },
      metrics,
      repeating: repeatingIn(around, metrics),
      teller: (part, action, verdicts) =>
        new Teller({
          part,
          action,
          verdicts,
          clock,
          events: { record: () => undefined },
          history: { append: (decision) => this.told.push(decision) },
        }),
    });
  }

  async start(): Promise<this> {
    const { credentials, runnables } = this.identity;
    this.#port = await new Promise((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
    stops.push(() => this.#server.forceShutdown());
    for (const runnable of runnables) {
      await runnable.start();
      stops.push(() => runnable.stop());
    }
    return this;
  }

  async stop(): Promise<void> {
    for (const runnable of this.identity.runnables) await runnable.stop();
  }

  async ready(): Promise<this> {
    await expect.poll(this.identity.notReady).toEqual([]);
    return this;
  }

  /** A connection of an agent that trusts what the ConfigMap says now, or these authorities. */
  async handshake(ca?: string): Promise<TLSSocket> {
    const options = { ca: ca ?? (await authorities()), servername: host, ALPNProtocols: ["h2"] };
    const socket = connect({ host: "127.0.0.1", port: this.#port, ...options });
    stops.push(() => socket.destroy());
    await once(socket, "secureConnect");
    return socket;
  }

  /** Serial number of what a new connection is shown. */
  async serial(ca?: string): Promise<string> {
    const socket = await this.handshake(ca);
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  }
}

async function authorities(): Promise<string> {
  const { data } = (await api.send({ method: "GET", path: configMapPath })) as { data?: Record<string, string> };
  return data?.["ca.crt"] ?? "";
}

const countIn = (bundle: string): number => bundle.split("BEGIN CERTIFICATE").length - 1;
const verdictsOf = ({ told }: Replica): string[] => told.map(({ verdict }) => verdict);

describe("the certificate of the agents' port", () => {
  it("is made by the leader, trusted through the ConfigMap, and served by the standby as well, who writes nothing", async () => {
    const [leader, standby] = [await new Replica(true).start(), await new Replica(false).start()];
    expect(standby.identity.notReady()).toEqual(["the agents' certificate"]);
    await leader.ready();
    await clock.advance(2_000);
    await standby.ready();
    expect(await standby.serial()).toBe(await leader.serial());
    expect([countIn(await authorities()), standby.writes]).toEqual([1, []]);
    expect(verdictsOf(leader)).toEqual(["AgentCertificate", "AgentAuthorities"]);
    const expiry = await leader.registry.getSingleMetricAsString("walras_tls_certificate_expiry_seconds");
    const until = (clock.wallMs() - 2_000 + rotation.lifetimeMs) / 1000;
    expect(Math.abs(Number(expiry.split(" ").at(-1)) - until)).toBeLessThan(2);
  });

  it("is the same where two believe to lead at once: who comes second takes what the first has written", async () => {
    const replicas = [new Replica(true), new Replica(true), new Replica(true)];
    await Promise.all(replicas.map((replica) => replica.start()));
    for (const replica of replicas) await replica.ready();
    await clock.advance(60_000);
    const serials = await Promise.all(replicas.map((replica) => replica.serial()));
    expect(new Set(serials).size).toBe(1);
    expect(countIn(await authorities())).toBe(1);
    const written = await authorities();
    await clock.advance(600_000);
    expect(await authorities()).toBe(written);
  });

  it("is followed by the next, without a moment in which an agent with the bundle of that time could not connect", async () => {
    const before = await (await new Replica(true).start()).ready();
    const first = await before.serial();
    await before.stop();
    await clock.advance(aheadDays * dayMs);
    const [leader, standby] = [await new Replica(true).start(), await new Replica(false).start()];
    await leader.ready();
    await standby.ready();
    const opened = await leader.handshake();
    const both = await authorities();
    expect(countIn(both)).toBe(2);
    const seen = new Set<string>();
    for (let halfMinute = 0; halfMinute < 40; halfMinute += 1) {
      for (const replica of [leader, standby]) {
        seen.add(await replica.serial());
        seen.add(await replica.serial(both));
      }
      await clock.advance(rotation.settleMs / 20);
    }
    expect([seen.size, seen.has(first), (await leader.serial()) === first]).toEqual([2, true, false]);
    expect(countIn(await authorities())).toBe(2);
    expect([opened.destroyed, opened.authorized]).toEqual([false, true]);
  });

  it("that cannot be looked after is told once, counted, and what is served goes on", async () => {
    const leader = await (await new Replica(true).start()).ready();
    const first = await leader.serial();
    onRequest = ({ path }) => {
      if (path === secretPath)
        throw new KubeError("secrets walras-tls is forbidden", { status: 403, reason: "Forbidden" });
    };
    await clock.advance(120_000);
    expect(leader.told.filter(({ verdict }) => verdict === "AgentCertificateFailed")).toMatchObject([
      { object: { kind: "Secret", name: "walras-tls" }, reason: expect.stringContaining("forbidden") as string },
    ]);
    expect(await leader.registry.getSingleMetricAsString("walras_loop_failures_total")).toMatch(
      /agents' certificate"} 4/,
    );
    expect(await leader.serial()).toBe(first);
  });

  it("waits for a ConfigMap that is not there, and says so", async () => {
    await api.send({ method: "DELETE", path: configMapPath });
    const leader = await new Replica(true).start();
    await expect
      .poll(leader.identity.notReady)
      .toEqual([`configmap ${namespace}/walras-controller-ca is not there: agents cannot be told whom to trust`]);
  });

  it("is not there before somebody leads: connections are dropped, and nothing is written", async () => {
    const standby = await new Replica(false).start();
    await clock.advance(5_000);
    await expect(standby.handshake("")).rejects.toThrow();
    expect([standby.writes, standby.identity.notReady()]).toEqual([[], ["the agents' certificate"]]);
    standby.leads = true;
    await clock.advance(1_000);
    await standby.ready();
    expect(await standby.serial()).not.toBe("");
  });
});

describe("a certificate that somebody else makes", () => {
  it("is read again when it changes, and its authority is told to agents beside the one before", async () => {
    const folder = mkdtempSync(join(tmpdir(), "walras-tls-"));
    stops.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string): string => join(folder, name);
    const store = async (authority: string): Promise<void> => {
      const validity = { fromMs: Date.now() - 62 * dayMs, untilMs: Date.now() + dayMs };
      const pem = await issueIdentity({ hosts: [host], authority, server: host, ...validity });
      writeFileSync(file("tls.crt"), pem.certificate);
      writeFileSync(file("tls.key"), pem.key);
      writeFileSync(file("ca.crt"), pem.authority);
    };
    await store("one");
    const files = { tlsCert: file("tls.crt"), tlsKey: file("tls.key"), tlsCa: file("ca.crt") };
    const [leader, standby] = [await new Replica(true, files).start(), await new Replica(false, files).start()];
    await clock.advance(30_000);
    await expect.poll(authorities).toBe(readFileSync(file("ca.crt"), "utf8").trim() + "\n");
    const first = await leader.serial();
    const before = await authorities();
    await store("two");
    await clock.advance(30_000);
    await expect.poll(async () => countIn(await authorities())).toBe(2);
    await expect.poll(() => leader.serial()).not.toBe(first);
    await expect(leader.serial(before)).rejects.toThrow();
    expect([standby.writes, verdictsOf(leader)]).toEqual([[], ["AgentAuthorities", "AgentAuthorities"]]);
    expect(await leader.registry.getSingleMetricAsString("walras_tls_certificate_expiry_seconds")).not.toMatch(/ 0$/m);
  });
});
