import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { bucketOf, Latencies } from "./latencies.ts";
import { Replica } from "./replica.ts";
import { Service, type ServiceOptions } from "./service.ts";
import { Telemetry } from "./telemetry.ts";

const options = (given: Partial<ServiceOptions> = {}): ServiceOptions => ({
  cpuMs: 60,
  startMs: 30_000,
  timeoutMs: 10_000,
  milli: 1000,
  replicas: 2,
  rng: seededRng(1),
  ...given,
});

/** Mean latency of an hour, milliseconds. */
function meanOf(service: Service, requests: number): number {
  let [sum, count] = [0, 0];
  for (let second = 0; second < 3_600; second += 1) {
    service.second(requests);
    for (const bucket of service.served) sum += 1.01 ** (bucket - 0.5);
    count += service.served.length;
  }
  return sum / count;
}

describe("latencies", () => {
  it("tell percentiles within a hundredth", () => {
    const latencies = new Latencies();
    latencies.add(Array.from({ length: 1_000 }, (_, index) => bucketOf(index + 1)));
    for (const [share, expected] of [
      [0.5, 500],
      [0.99, 990],
      [1, 1000],
    ] as const)
      expect(Math.abs((latencies.percentile(share) ?? NaN) / expected - 1)).toBeLessThan(0.01);
    expect(new Latencies().percentile(0.99)).toBeNull();
  });
});

describe("a replica", () => {
  it("does one request after another, as fast as its CPU", () => {
    const replica = new Replica("a", 500, { atMs: 0, startMs: 0 });
    expect(replica.take(60, 1_000, 10_000)).toBe(120);
    expect(replica.take(60, 1_000, 10_000)).toBe(240);
    expect(replica.usedMs(1_120)).toBe(60);
    expect(replica.usedMs(5_000)).toBe(120);
  });

  it("goes on with more CPU where it is resized, and uses no more than a core", () => {
    const replica = new Replica("a", 500, { atMs: 0, startMs: 0 });
    replica.take(100, 0, 10_000);
    replica.resize(1000, 100);
    expect(replica.take(0, 100, 10_000)).toBe(50);
    replica.resize(4000, 100);
    expect(replica.take(0, 100, 10_000)).toBe(50);
  });

  it("is given up by who waits too long, without being asked for CPU", () => {
    const replica = new Replica("a", 1000, { atMs: 0, startMs: 0 });
    replica.take(2_000, 0, 1_000);
    expect(replica.take(60, 0, 1_000)).toBeNull();
    expect(replica.usedMs(10_000)).toBe(2_000);
  });
});

describe("a simulated service", () => {
  it("is as slow as Pollaczek and Khinchine say of M/G/1", () => {
    // Half fixed and half exponential: the square of the coefficient of variation is a quarter.
    for (const busy of [0.3, 0.6, 0.8]) {
      const service = new Service(options({ replicas: 4 }));
      const expected = 60 * (1 + ((busy / (1 - busy)) * (1 + 0.25)) / 2);
      expect(Math.abs(meanOf(service, (4 * busy * 1000) / 60) / expected - 1)).toBeLessThan(0.05);
    }
  });

  it("has a pod serve only when it has started", () => {
    const service = new Service(options());
    service.scale(3);
    expect([service.replicas.length, service.ready.length]).toEqual([3, 2]);
    for (let second = 0; second < 30; second += 1) service.second(10);
    expect(service.ready.length).toBe(3);
  });

  it("loses pods that do not serve first, and those that are named", () => {
    const service = new Service(options());
    service.scale(4);
    service.scale(3);
    expect(service.replicas.map(({ name }) => name)).toEqual(["pod-0", "pod-1", "pod-2"]);
    service.remove(new Set(["pod-0"]));
    expect(service.replicas.map(({ name }) => name)).toEqual(["pod-1", "pod-2"]);
  });

  it("that has no pod serves nobody", () => {
    const service = new Service(options({ replicas: 0 }));
    service.second(10);
    expect(service.served.every((bucket) => bucket === bucketOf(10_000))).toBe(true);
  });
});

describe("telemetry", () => {
  it("tells CPU between two scrapes, and requests and latency of a minute", () => {
    const service = new Service(options());
    const telemetry = new Telemetry(service);
    expect([telemetry.requests, telemetry.p99Ms, telemetry.usage.size]).toEqual([null, null, 0]);
    for (let second = 1; second <= 120; second += 1) {
      service.second(20);
      telemetry.second();
      if (second % 15 === 0) telemetry.scrape();
      if (second === 15) expect(telemetry.usage.size).toBe(0);
    }
    const used = [...telemetry.usage.values()].reduce((sum, { usedMilli }) => sum + usedMilli, 0);
    expect(Math.abs(used / 1_200 - 1)).toBeLessThan(0.3);
    expect(Math.abs((telemetry.requests ?? NaN) / 20 - 1)).toBeLessThan(0.15);
    expect(telemetry.p99Ms).toBeGreaterThan(150);
  });
});
