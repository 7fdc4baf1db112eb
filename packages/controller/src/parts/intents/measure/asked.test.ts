import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { silentLogger, systemClock } from "@walras/kit";
import { Prometheus } from "@walras/kit/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import type { Measurement } from "../decide/snapshot.ts";
import { EndpointAccess } from "./access.ts";
import { Asking } from "./asked.ts";

describe.runIf(Prometheus.installed)("a real Prometheus", () => {
  const exporter = createServer((_, reply) => reply.end('latency_ms{pod="a"} 5\nlatency_ms{pod="b"} 7\n'));
  let prometheus: Prometheus;
  let telemetryEndpoint: string;
  let asking: Asking;
  const patience = { timeout: 20_000, interval: 200 };

  beforeAll(async () => {
    await new Promise<void>((resolve) => exporter.listen(0, "127.0.0.1", resolve));
    prometheus = await Prometheus.start();
    await prometheus.scrape([`127.0.0.1:${(exporter.address() as AddressInfo).port}`]);
    telemetryEndpoint = `${prometheus.url}/api/v1/query`;
    const files = { tokenFile: undefined, caFile: undefined };
    const clients = new EndpointAccess({
      telemetryEndpoint,
      queries: {},
      allowedHosts: [],
      staleAfterSeconds: 90,
      ...files,
    });
    const around = { clock: systemClock, logger: silentLogger, counted: () => undefined };
    asking = new Asking({ clients, staleAfterSeconds: 90, timeoutMs: 5_000, ...around });
  });
  afterAll(async () => {
    exporter.close();
    await prometheus.remove();
  });

  const ask = (query: string): Promise<Measurement> =>
    asking.ask({ endpoint: telemetryEndpoint, query }, new AbortController().signal);

  it("is asked for one value; several are none, and so is what is gone", { timeout: 60_000 }, async () => {
    await vi.waitFor(async () => expect(await ask("max(latency_ms)")).toEqual({ kind: "value", value: 7 }), patience);
    expect(await ask('latency_ms{pod="a"}')).toEqual({ kind: "value", value: 5 });
    expect(await ask("latency_ms")).toEqual({ kind: "missing" });
    expect(await ask("latency_ms / 0 * 0")).toEqual({ kind: "missing" });
    exporter.close();
    exporter.closeAllConnections();
    await vi.waitFor(async () => expect(await ask("max(latency_ms)")).toEqual({ kind: "missing" }), patience);
  });
});
