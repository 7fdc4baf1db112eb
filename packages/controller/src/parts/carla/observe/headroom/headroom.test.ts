import { type Logger, silentLogger, VirtualClock } from "@walras/kit";
import { KubeError, type KubeTransport } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { headroomOf } from "../../decide/headroom.ts";
import { ledgerSource } from "./ledgerSource.ts";
import { metricsApiSource } from "./metricsApiSource.ts";
import { UsageObserver } from "./observer.ts";
import { prometheusSource } from "./prometheusSource.ts";
import type { UsageReading, UsageSource } from "./source.ts";

const gib = 2 ** 30;
const never = new AbortController().signal;

describe("headroom", () => {
  const policy = { cpuWatermark: 0.65, memoryWatermark: 0.7 };

  it("is what is left below the watermark of the scarcer one, within −1 and 1", () => {
    expect(headroomOf({ cpu: 0.3, memory: 0.4 }, policy)).toBeCloseTo(1 - 0.4 / 0.7, 12);
    expect(headroomOf({ cpu: 0.65, memory: 0.1 }, policy)).toBe(0);
    expect(headroomOf({ cpu: 0.8, memory: 0.8 }, policy)).toBeCloseTo(-0.2308, 4);
    expect([headroomOf({ cpu: 9, memory: 0 }, policy), headroomOf({ cpu: 0, memory: 0 }, policy)]).toEqual([-1, 1]);
  });

  it("is not known where either is not", () => {
    expect(headroomOf({ cpu: null, memory: 0.4 }, policy)).toBeNull();
    expect(headroomOf({ cpu: 0.3, memory: null }, policy)).toBeNull();
  });
});

describe("usage from agents", () => {
  const clock = new VirtualClock();
  const reading = (busyFraction: number | null, totalGib: number, availableGib: number, ageMs = 0): object => ({
    atMs: clock.monotonicMs() - ageMs,
    busyFraction,
    memoryTotalBytes: totalGib * gib,
    memoryAvailableBytes: availableGib * gib,
  });
  const read = (nodes: Readonly<Record<string, object | null>>, unready: readonly string[] = []): UsageReading =>
    ledgerSource({
      nodes: () => Object.keys(nodes).map((name) => ({ name, allocatableMilli: 4000, ready: !unready.includes(name) })),
      ledger: { node: (name) => nodes[name] as never },
      clock,
    }).read(never) as UsageReading;

  it("weighs nodes by what they have", () => {
    expect(read({ a: reading(0.5, 8, 4), b: reading(0.1, 16, 16) })).toMatchObject({ cpu: 0.3, memory: 4 / 24 });
  });

  it("counts a silent node as full, and leaves out one that is not Ready", () => {
    const nodes = { a: reading(0.2, 8, 8), b: null, c: reading(0, 8, 8, 11_000) };
    expect(read(nodes)).toMatchObject({
      cpu: expect.closeTo((0.2 + 1 + 1) / 3, 10),
      memory: 16 / 24,
      detail: "3 nodes, counted as full: b, c",
    });
    expect(read(nodes, ["b", "c"])).toMatchObject({ cpu: 0.2, memory: 0, detail: "1 nodes" });
  });

  it("counts a node as full in memory that says more is available than there is", () => {
    expect(read({ a: reading(0.2, 8, 9), b: reading(0.2, 8, 8) })).toMatchObject({ cpu: 0.2, memory: 0.5 });
  });

  it("knows nothing where no agent speaks", () => {
    expect(read({ a: null })).toMatchObject({ cpu: null, memory: null, detail: "usage is known of no Ready node" });
    expect(read({})).toMatchObject({ cpu: null, detail: "there is no Ready node" });
  });
});

describe("usage from metrics.k8s.io", () => {
  const clock = new VirtualClock();
  const node = (name: string, ready = "True"): object => ({
    metadata: { name },
    status: { allocatable: { cpu: "2", memory: "4Gi" }, conditions: [{ type: "Ready", status: ready }] },
  });
  const metrics = (name: string, cpu: string, memory: string, ageMs = 0): object => ({
    metadata: { name },
    timestamp: new Date(clock.wallMs() - ageMs).toISOString(),
    usage: { cpu, memory },
  });
  const source = (answer: (path: string) => object): UsageSource => {
    const transport = { send: ({ path }: { path: string }) => Promise.resolve().then(() => answer(path)) };
    return metricsApiSource(transport as unknown as KubeTransport, clock);
  };

  it("sums usage over Ready nodes", async () => {
    const usage = source((path) =>
      path.startsWith("/apis/metrics.k8s.io")
        ? { items: [metrics("a", "500m", "1Gi"), metrics("b", "1500000000n", "3Gi"), metrics("off", "9", "9Gi")] }
        : { items: [node("a"), node("b"), node("off", "False")] },
    );
    expect(await usage.read(never)).toMatchObject({ cpu: 0.5, memory: 0.5 });
  });

  it("counts a node without fresh metrics as full", async () => {
    const usage = source((path) =>
      path.startsWith("/apis/metrics.k8s.io")
        ? { items: [metrics("a", "0", "0"), metrics("b", "0", "0", 200_000)] }
        : { items: [node("a"), node("b")] },
    );
    expect(await usage.read(never)).toMatchObject({ cpu: 0.5, memory: 0.5, detail: "2 nodes, counted as full: b" });
  });

  it("counts a node as full whose metrics cannot be read, and reads the others", async () => {
    const usage = source((path) =>
      path.startsWith("/apis/metrics.k8s.io")
        ? { items: [metrics("a", "0", "0"), metrics("b", "-1", "much")] }
        : { items: [node("a"), node("b")] },
    );
    expect(await usage.read(never)).toMatchObject({ cpu: 0.5, memory: 0.5, detail: "2 nodes, counted as full: b" });
  });

  it.each([
    [404, "no metrics server answers"],
    [503, "no metrics server answers"],
    [403, "nodes of metrics.k8s.io may not be listed"],
    [500, "broken"],
  ])("says what is missing where the answer is %i", async (status, complaint) => {
    const usage = source((path) => {
      if (path.startsWith("/apis/metrics.k8s.io")) throw new KubeError("broken", { status, reason: "" });
      return { items: [node("a")] };
    });
    await expect(usage.read(never)).rejects.toThrow(complaint);
  });
});

describe("usage from Prometheus", () => {
  const queries = { cpu: "cpu_used", memory: "memory_used" };
  const read = (values: Readonly<Record<string, readonly number[]>>): Promise<UsageReading> =>
    Promise.resolve(
      prometheusSource(
        { query: (query) => Promise.resolve((values[query] ?? []).map((value) => ({ labels: {}, value }))) },
        queries,
      ).read(never),
    );

  it("is one number a query", async () => {
    expect(await read({ cpu_used: [0.25], memory_used: [0.5] })).toMatchObject({ cpu: 0.25, memory: 0.5 });
  });

  it("names the query that has none, several, or one that is no fraction", async () => {
    await expect(read({ cpu_used: [], memory_used: [0.5] })).rejects.toThrow("cpu_used: 0 series came back");
    await expect(read({ cpu_used: [0.1], memory_used: [0.5, 0.6] })).rejects.toThrow("memory_used: 2 series came back");
    await expect(read({ cpu_used: [65], memory_used: [0.5] })).rejects.toThrow("cpu_used: 65 is not a fraction");
  });
});

describe("the observer of usage", () => {
  it("prefers the first that is fresh, falls back, and knows nothing when all are silent", async () => {
    const clock = new VirtualClock();
    const says: Record<string, UsageReading | Error> = {
      agents: { cpu: 0.1, memory: 0.1, detail: "3 nodes" },
      Prometheus: { cpu: 0.2, memory: 0.2, detail: "two queries" },
    };
    const source = (name: string): UsageSource => ({
      name,
      read: () => {
        const answer = says[name]!;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    });
    const sources = [source("agents"), source("Prometheus")];
    const observer = new UsageObserver({ sources, intervalMs: 30_000, clock, logger: silentLogger });
    expect(observer.usage()).toMatchObject({ cpu: null, detail: "agents: not asked yet; Prometheus: not asked yet" });
    await observer.start();
    expect(observer.usage()).toMatchObject({ cpu: 0.1, source: "agents" });
    says["agents"] = { cpu: null, memory: 0.1, detail: "usage is known of no Ready node" };
    await clock.advance(60_000);
    expect(observer.usage()).toMatchObject({ cpu: 0.1, source: "agents" });
    await clock.advance(60_000);
    expect(observer.usage()).toMatchObject({ cpu: 0.2, source: "Prometheus" });
    says["Prometheus"] = new Error("connection refused");
    await clock.advance(120_000);
    expect(observer.usage()).toEqual({
      cpu: null,
      memory: null,
      source: null,
      detail: "agents: usage is known of no Ready node; Prometheus: connection refused",
    });
    await observer.stop();
  });

  it("R7: has other sources once they have answered, and believes those of before until then", async () => {
    const clock = new VirtualClock();
    const asked: string[] = [];
    const source = (name: string, cpu: number): UsageSource => ({
      name,
      read: () => {
        asked.push(name);
        return { cpu, memory: 0.1, detail: "" };
      },
    });
    const observer = new UsageObserver({
      sources: [source("old", 0.1)],
      intervalMs: 30_000,
      clock,
      logger: silentLogger,
    });
    await observer.start();
    const replaced = observer.replace({ sources: [source("new", 0.2)], intervalMs: 10_000 });
    expect(observer.usage()).toMatchObject({ source: "old" });
    await replaced;
    expect(observer.usage()).toMatchObject({ cpu: 0.2, source: "new" });
    await clock.advance(60_000);
    expect(asked.filter((name) => name === "old")).toHaveLength(1);
    expect(asked.filter((name) => name === "new")).toHaveLength(7);
    await observer.stop();
    await observer.replace({ sources: [source("late", 0.3)], intervalMs: 10_000 });
    await clock.advance(60_000);
    expect(asked.filter((name) => name === "late")).toHaveLength(1);
  });

  it("warns that nobody knows, once each time, and says when somebody does", async () => {
    const clock = new VirtualClock();
    const lines: string[] = [];
    const said = {
      info: (fields: object, message: string) => lines.push(`INFO ${message} ${JSON.stringify(fields)}`),
      warn: (fields: object, message: string) => lines.push(`WARN ${message} ${JSON.stringify(fields)}`),
    };
    const logger = Object.assign(Object.create(silentLogger) as Logger, said as unknown as Logger);
    let answer: UsageReading = { cpu: null, memory: null, detail: "no series" };
    const source: UsageSource = { name: "Prometheus", read: () => answer };
    const observer = new UsageObserver({ sources: [source], intervalMs: 30_000, clock, logger });
    await observer.start();
    observer.usage();
    const warnings = (): string[] => lines.filter((line) => line.startsWith("WARN"));
    expect(warnings()).toEqual([expect.stringContaining("is not known: nothing is released")]);
    expect(warnings()[0]).toContain("Prometheus: no series");
    answer = { cpu: 0.1, memory: 0.1, detail: "" };
    await clock.advance(30_000);
    observer.usage();
    expect(lines.at(-1)).toBe('INFO how full the cluster is, is known {"source":"Prometheus"}');
    answer = { cpu: null, memory: null, detail: "no series" };
    await clock.advance(120_000);
    observer.usage();
    observer.usage();
    expect(warnings()).toHaveLength(2);
    await observer.stop();
  });

  it("leaves a source behind that never answers, and never asks it twice at a time", async () => {
    const clock = new VirtualClock();
    let asked = 0;
    let asking = 0;
    let most = 0;
    const deaf: UsageSource = {
      name: "deaf",
      read: (signal) => {
        asked += 1;
        most = Math.max(most, (asking += 1));
        signal.addEventListener("abort", () => (asking -= 1));
        return new Promise(() => undefined);
      },
    };
    const quick: UsageSource = { name: "quick", read: () => ({ cpu: 0.1, memory: 0.2, detail: "" }) };
    const observer = new UsageObserver({ sources: [deaf, quick], intervalMs: 1_000, clock, logger: silentLogger });
    const started = observer.start();
    await clock.advance(0);
    expect(observer.usage()).toMatchObject({ cpu: 0.1, source: "quick" });
    await clock.advance(10_000);
    await started;
    await clock.advance(60_000);
    expect([asked, most]).toEqual([7, 1]);
    await observer.stop();
    await clock.advance(60_000);
    expect([asked, asking]).toEqual([7, 0]);
  });
});
