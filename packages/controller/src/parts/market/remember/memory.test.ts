import { describe, expect, it } from "vitest";

import { aContainerState } from "../../../base/cluster/testing.ts";
import { hourMs, MemoryBed, minuteMs, monday, podOf, policy } from "./testing.ts";

const dayMs = 24 * hourMs;
const pod = podOf("cart", "1");

describe("a service that sleeps", () => {
  it("keeps its declared request for an hour, however little it uses", async () => {
    const bed = new MemoryBed();
    await bed.run(pod, 5, 3 * minuteMs);
    expect(bed.request(pod)).toBe(400);
    await bed.run(pod, 5, 55 * minuteMs);
    expect(bed.request(pod)).toBe(400);
  });

  it("lends as far as its history reaches, and never more than the bound on overbooking", async () => {
    const bed = new MemoryBed();
    await bed.run(pod, 5, 6 * hourMs);
    expect(bed.request(pod)).toBeGreaterThan(280);
    expect(bed.request(pod)).toBeLessThan(320);
    await bed.run(pod, 5, 19 * hourMs);
    expect(bed.request(pod)).toBe(100);
  });

  it("gets back what it declared in seconds when it wakes, and keeps it for ten minutes", async () => {
    const bed = new MemoryBed();
    await bed.run(pod, 5, dayMs + hourMs);
    await bed.run(pod, 700, 3_000);
    expect(bed.request(pod)).toBe(400);
    await bed.run(pod, 5, 9 * minuteMs);
    expect(bed.request(pod)).toBe(400);
    await bed.run(pod, 5, 12 * minuteMs);
    expect(bed.request(pod)).toBe(100);
  });
});

describe("a request above what was declared", () => {
  it("is asked for what lasts a minute, not for a burst of seconds", async () => {
    const bed = new MemoryBed();
    await bed.run(pod, 300, 2 * hourMs);
    await bed.run(pod, 900, 9_000);
    expect(bed.request(pod)).toBe(400);
    await bed.run(pod, 900, 2 * minuteMs);
    expect(bed.request(pod)).toBeCloseTo(900, 6);
  });

  it("stays where the use is a habit", async () => {
    const bed = new MemoryBed();
    await bed.run(pod, 900, dayMs + 2 * hourMs);
    expect(bed.request(pod)).toBeGreaterThan(900 * (1 + policy.margin) - 1);
    expect(bed.request(pod)).toBeLessThan(900 * (1 + policy.margin) * 1.1);
  });
});

describe("a successor", () => {
  it("of the same Deployment starts with its history", async () => {
    const bed = new MemoryBed();
    await bed.run(pod, 5, dayMs + hourMs);
    bed.memory.forget(pod.uid);
    expect(bed.request(podOf("cart", "2"))).toBe(100);
    expect(bed.request(podOf("other", "3"))).toBeNull();
  });

  it("has none where nothing makes successors: such a pod is remembered for its life", async () => {
    const bed = new MemoryBed();
    const bare = podOf("bare", "1", { workload: null });
    await bed.run(bare, 5, dayMs + hourMs);
    expect(bed.request(bare)).toBe(100);
    bed.memory.forget(bare.uid);
    expect(bed.request(bare)).toBeNull();
    expect(bed.workloads.size).toBe(0);
  });
});

it("the first minute after a start teaches nothing, nor does one after a restart", async () => {
  const bed = new MemoryBed();
  await bed.run(pod, 3_000, 54_000);
  await bed.run(pod, 100, 3 * hourMs);
  await bed.run({ ...pod, containers: [aContainerState({ containerId: "again" })] }, 3_000, 60_000);
  await bed.run({ ...pod, containers: [aContainerState({ containerId: "again" })] }, 100, 30 * minuteMs);
  expect(bed.workloads.get("default/Deployment/cart")?.containers.get("app")?.levelMilli).toBeLessThan(111);
});

it("what was not watched is not learnt: gaps between samples count for nothing", async () => {
  const bed = new MemoryBed();
  await bed.run(pod, 100, 2 * minuteMs);
  for (let gap = 0; gap < 60; gap += 1) {
    await bed.clock.advance(30_000);
    await bed.run(pod, 3_000, 3_000);
  }
  expect(bed.workloads.get("default/Deployment/cart")?.containers.get("app")?.levelMilli).toBeLessThan(111);
});

it("many replicas make no history older than it is", async () => {
  const bed = new MemoryBed();
  const pods = Array.from({ length: 50 }, (_, index) => podOf("cart", String(index)));
  await bed.run(pods, 5, 40 * minuteMs);
  expect(bed.request(pod)).toBe(400);
});

it("a peak that comes once a week is asked for ten minutes ahead, once a week is known", async () => {
  const bed = new MemoryBed();
  /** Mondays from 09:00 to 10:00 it needs 1.5 cores: one hour of 168, beyond any percentile of a day's minutes. */
  const use = (wallMs: number): number => {
    const hour = Math.floor((wallMs - monday) / hourMs) % 168;
    return hour === 9 ? 1_500 : 50;
  };
  await bed.run(pod, use, 7 * dayMs + 8 * hourMs + 45 * minuteMs);
  expect(bed.request(pod)).toBe(100);
  await bed.run(pod, use, 6 * minuteMs);
  expect(bed.request(pod)).toBeGreaterThan(1_500);
  await bed.run(pod, use, hourMs);
  expect(bed.request(pod)).toBeGreaterThan(1_500);
  await bed.run(pod, use, 40 * minuteMs);
  expect(bed.request(pod)).toBe(100);
});

it("a wall clock that is put back or forward neither breaks what is known nor lends at once", async () => {
  for (const jumpMs of [-30 * dayMs, 400 * dayMs]) {
    const bed = new MemoryBed();
    const habitMilli = 300 * (1 + policy.margin);
    await bed.run(pod, 300, dayMs + hourMs);
    const wallMs = bed.clock.wallMs.bind(bed.clock);
    bed.clock.wallMs = () => wallMs() + jumpMs;
    await bed.run(pod, 5, 10 * minuteMs);
    expect(bed.request(pod)).toBeGreaterThanOrEqual(habitMilli);
    bed.clock.wallMs = wallMs;
    await bed.run(pod, 5, 10 * minuteMs);
    expect(bed.request(pod)).toBeGreaterThanOrEqual(habitMilli);
  }
});

describe("the number of workloads", () => {
  it("is bounded: who has not run for longest gives way, and nobody who runs", async () => {
    const bed = new MemoryBed({ most: 3 });
    const pods = ["a", "b", "c", "d", "e"].map((name, index) => podOf(name, String(index)));
    const [a, b, c, d, e] = pods as [typeof pod, typeof pod, typeof pod, typeof pod, typeof pod];
    for (const one of [a, b, c]) await bed.run(one, 10, 3 * minuteMs);
    await bed.run(d, 10, 3 * minuteMs);
    expect(bed.dropped).toEqual([]);
    bed.memory.forget(b.uid);
    bed.memory.forget(a.uid);
    await bed.run(d, 10, 2 * minuteMs);
    expect(bed.dropped).toEqual(["default/Deployment/a"]);
    await bed.run(e, 10, 3 * minuteMs);
    expect(bed.dropped).toEqual(["default/Deployment/a", "default/Deployment/b"]);
    expect([...bed.workloads.values()].map(({ key }) => key.slice(-1))).toEqual(["c", "d", "e"]);
    expect(bed.request(a)).toBeNull();
  });
});

it("a thousand short Jobs push out each other, and nobody whose habit is known", async () => {
  const bed = new MemoryBed({ most: 3 });
  await bed.run(pod, 10, 2 * hourMs);
  bed.memory.forget(pod.uid);
  for (let job = 0; job < 20; job += 1) {
    const one = podOf("job", `j${job}`, { workload: { kind: "Job", name: `job-${job}` } });
    await bed.run(one, 900, 3 * minuteMs);
    bed.memory.forget(one.uid);
  }
  expect([...bed.workloads.values()].map(({ key }) => key)).toEqual([
    "default/Deployment/cart",
    "default/Job/job-18",
    "default/Job/job-19",
  ]);
});

it("an ended pod that nobody deletes does not keep its workload", async () => {
  const bed = new MemoryBed({ most: 1 });
  await bed.run(pod, 10, 2 * hourMs);
  const other = podOf("other", "2");
  await bed.run(other, 10, 61 * minuteMs);
  expect(bed.request(other)).toBeNull();
  bed.workloads.dropUnusedSince(bed.clock.wallMs() - 30 * minuteMs);
  await bed.run(other, 10, 3 * minuteMs);
  expect([...bed.workloads.values()].map(({ key }) => key)).toEqual(["default/Deployment/other"]);
  await bed.run(pod, 10, 2 * minuteMs);
  expect(bed.request(pod)).toBeNull();
});

it("while what is stored has not been read a container keeps what it has, and gets what it needs", async () => {
  const bed = new MemoryBed();
  bed.read = false;
  const lent = { ...pod, containers: [aContainerState({ desired: { requestMilli: 120, limitMilli: 800 } })] };
  expect(bed.request(lent)).toBe(120);
  await bed.run(lent, 250, 6_000);
  expect(bed.request(lent)).toBe(250);
});
