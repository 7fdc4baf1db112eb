import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { silentLogger, VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { Ledger } from "../../../../base/telemetry/ledger/ledger.ts";
import { nodesView } from "../../../../base/telemetry/ledger/view.ts";
import type { Sample } from "../../../../base/telemetry/prometheus.ts";
import { controllerCpu } from "./controller.ts";
import { type CpuSource, PolledTelemetry } from "./polled.ts";
import { defaultCpuQuery, prometheusCpu } from "./prometheus.ts";

const nodes = [
  { name: "nuc", addresses: ["192.168.1.176", "nuc"] },
  { name: "orin", addresses: ["192.168.1.20"] },
  { name: "six", addresses: ["fd00::6"] },
];

const polled = (source: CpuSource, clock = new VirtualClock()): PolledTelemetry =>
  new PolledTelemetry({ source, nodes: () => nodes, clock, logger: silentLogger });
const prometheusThat = (query: () => readonly Sample[]): CpuSource =>
  prometheusCpu({ query: () => Promise.resolve().then(query) }, defaultCpuQuery);

describe("Prometheus", () => {
  it("is asked for nodes by address and by name, with and without a port", async () => {
    const telemetry = polled(
      prometheusThat(() => [
        { labels: { instance: "192.168.1.176:9100" }, value: 0.25 },
        { labels: { instance: "exporter:9100", nodename: "orin" }, value: 0.5 },
        { labels: { instance: "[fd00::6]:9100" }, value: 1.02 },
        { labels: { instance: "not-a-node:9100" }, value: 0.1 },
      ]),
    );
    await telemetry.refresh();
    expect(nodes.map(({ name }) => telemetry.cpu(name)?.busyFraction)).toEqual([0.25, 0.5, 1]);
    expect(telemetry.cpu("stranger")).toBeNull();
    expect(telemetry.trouble()).toBeNull();
  });

  it("may tell a little less than nothing of an idle node", async () => {
    const telemetry = polled(prometheusThat(() => [{ labels: { instance: "192.168.1.20:9100" }, value: -0.0031 }]));
    await telemetry.refresh();
    expect([telemetry.trouble(), telemetry.cpu("orin")?.busyFraction]).toEqual([null, 0]);
  });

  it("is believed by the busier of two series of one node", async () => {
    const seen = [0.95, 0.05].map((value) => ({ labels: { instance: "192.168.1.20:9100" }, value }));
    for (const series of [seen, seen.toReversed()]) {
      const telemetry = polled(prometheusThat(() => series));
      await telemetry.refresh();
      expect(telemetry.cpu("orin")?.busyFraction).toBe(0.95);
    }
  });

  it.each([37.5, -2])(
    "told by users: says of %d that it is no share, and not that nothing is scraped",
    async (value) => {
      const telemetry = polled(prometheusThat(() => [{ labels: { instance: "192.168.1.20:9100" }, value }]));
      await telemetry.refresh();
      const told = new RegExp(`^Prometheus: 1 - avg by .* tells ${value}, which is no share of a node's CPU`);
      expect(telemetry.trouble()).toMatch(told);
      expect(telemetry.cpu("orin")).toBeNull();
    },
  );

  it("says what is wrong, and an empty answer is not taken for idle nodes", async () => {
    const clock = new VirtualClock();
    let answer = (): readonly Sample[] => [];
    const telemetry = polled(
      prometheusThat(() => answer()),
      clock,
    );
    expect(telemetry.trouble()).toBe("Prometheus: not asked yet");
    await telemetry.refresh();
    expect(telemetry.trouble()).toMatch(/no series of 1 - avg by .* has a value/);
    answer = () => [{ labels: { instance: "192.168.1.20:9100" }, value: 0.5 }];
    await telemetry.refresh();
    answer = () => {
      throw new Error("connection refused");
    };
    await clock.advance(9_000);
    await telemetry.refresh();
    expect([telemetry.trouble(), telemetry.cpu("orin")]).toEqual([null, { busyFraction: 0.5, ageMs: 9_000 }]);
    await clock.advance(2_000);
    expect(telemetry.trouble()).toBe("Prometheus: connection refused");
  });
});

describe("another controller", () => {
  let server: Server | undefined;

  const serving = async (answer: () => string): Promise<CpuSource> => {
    server = createServer((request, reply) => reply.end(request.url === "/nodes" ? answer() : "not here"));
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return controllerCpu(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  };

  afterEach(() => server?.close());

  it("tells what its agents told it, however long ago that was, whatever its clock says", async () => {
    const theirs = new VirtualClock(Date.UTC(1999, 0, 1));
    const ours = new VirtualClock();
    const ledger = new Ledger();
    const readNode = (node: string, busyFraction: number | null): void =>
      ledger.apply(node, {
        node: { atMs: theirs.monotonicMs(), busyFraction, memoryTotalBytes: null, memoryAvailableBytes: null },
        containers: [],
        gone: [],
      } as unknown as Parameters<Ledger["apply"]>[1]);
    readNode("nuc", 0.3);
    await theirs.advance(4000);
    readNode("orin", null);
    const telemetry = polled(await serving(() => JSON.stringify(nodesView(ledger, theirs))), ours);
    await telemetry.refresh();
    await ours.advance(1000);
    expect(telemetry.cpu("nuc")).toEqual({ busyFraction: 0.3, ageMs: 5000 });
    expect(telemetry.cpu("orin")).toBeNull();
  });

  it("is asked again when a standby has answered, whom no agent tells anything", async () => {
    let asked = 0;
    const leader = JSON.stringify({ nodes: [{ node: "nuc", cpu30s: 0.3, ageMs: 100 }] });
    const telemetry = polled(await serving(() => ((asked += 1) < 3 ? '{"nodes":[]}' : leader)));
    await telemetry.refresh();
    expect(telemetry.cpu("nuc")).toMatchObject({ busyFraction: 0.3 });
  });

  it.each([
    ["<html>", /HTTP 200: "<html>" is no answer of a controller/],
    ['{"nodes":[]}', /has heard of no node's CPU/],
    ['{"nodes":[{"node":"nuc","cpu30s":7,"ageMs":0}]}', /answer\.nodes\.0\.cpu30s: 7 is not valid/],
  ])("that answers %s is complained about", async (answer, complaint) => {
    const telemetry = polled(await serving(() => answer));
    await telemetry.refresh();
    expect(telemetry.trouble()).toMatch(complaint);
    expect(telemetry.cpu("nuc")).toBeNull();
  });
});
