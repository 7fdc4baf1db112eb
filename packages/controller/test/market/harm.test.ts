import { expect, it } from "vitest";

import { type Load, MarketNode } from "./node.ts";

const constant = (cores: number) => (): number => cores;
/** So many cores for `onMs`, then nothing until `everyMs` is over. */
const burst =
  (cores: number, onMs: number, everyMs: number) =>
  (atMs: number): number =>
    atMs % everyMs < onMs ? cores : 0;

/** The same loads with the market and with what was declared left as it is. */
async function beside(loads: readonly Load[], seconds: number): Promise<{ ours: MarketNode; declared: MarketNode }> {
  const [ours, declared] = [new MarketNode({}), new MarketNode({ managed: false })];
  for (const one of [ours, declared]) {
    for (const load of loads) one.add(load);
    await one.run(seconds);
  }
  return { ours, declared };
}

it("a pod on an idle node keeps its limit, whatever others requested (kubernetes#135107)", async () => {
  const node = new MarketNode({});
  node.add({ name: "sleeps", requestMilli: 1700, limitMilli: null, cores: constant(0), managed: false });
  node.add({ name: "wants", requestMilli: 100, limitMilli: 1000, cores: constant(0.8) });
  await node.run(120);
  expect(node.limitMilli("wants")).toBeGreaterThanOrEqual(1000);
  expect(node.throttledShare("wants")).toBe(0);
});

it("a pod that was idle while another took the freed room has its limit when it wakes", async () => {
  const node = new MarketNode({});
  node.add({ name: "wakes", requestMilli: 800, limitMilli: 1000, cores: (atMs) => (atMs < 180_000 ? 0.01 : 0.8) });
  await node.run(120);
  node.add({ name: "lands", requestMilli: 1000, limitMilli: null, cores: constant(0.01), managed: false });
  await node.run(120);
  expect(node.limitMilli("wakes")).toBeGreaterThanOrEqual(1000);
  expect(node.throttledShare("wakes")).toBe(0);
});

it("a service that bursts for 30 s is throttled no more than by its declared limit (autoscaler#3091)", async () => {
  const load = { name: "bursts", requestMilli: 200, limitMilli: 400, cores: burst(0.5, 30_000, 60_000) };
  const { ours, declared } = await beside([load], 300);
  expect(declared.throttledSeconds("bursts")).toBeGreaterThan(1);
  expect(ours.throttledSeconds("bursts")).toBeLessThan(declared.throttledSeconds("bursts") / 10);
});

it("short work between pauses is throttled in no more than a hundredth of the periods", async () => {
  const load = { name: "ticks", requestMilli: 50, limitMilli: 200, cores: burst(0.35, 100, 700) };
  const { ours, declared } = await beside([load], 300);
  expect(declared.throttledShare("ticks")).toBeGreaterThan(0.1);
  expect(ours.throttledShare("ticks")).toBeLessThan(0.01);
});

it("a start is throttled no more than by the declared limit, also where it waits first (autoscaler#2359)", async () => {
  const cores = (atMs: number): number => (atMs >= 2_000 && atMs < 4_000 ? 1 : 0);
  const start = { name: "starts", requestMilli: 500, limitMilli: 1000, cores, ready: (used: number) => used >= 1.9 };
  const { ours } = await beside([start], 6);
  expect(ours.usedCoreSeconds("starts")).toBeCloseTo(2, 1);
  expect(ours.throttledSeconds("starts")).toBe(0);
});

it("a start that its limit holds back has the node's free CPU until it is Ready (startup-boost#97)", async () => {
  const cores = (atMs: number): number => (atMs < 6_000 ? 2 : 0);
  const start = { name: "starts", requestMilli: 200, limitMilli: 400, cores, ready: (used: number) => used >= 5 };
  const { ours, declared } = await beside([start], 8);
  expect(ours.usedCoreSeconds("starts")).toBeGreaterThan(2 * declared.usedCoreSeconds("starts"));
});

it("a minimum of another tenant takes nothing of what a pod declared and uses (autoscaler#4515)", async () => {
  const node = new MarketNode({});
  node.add({ name: "a", requestMilli: 1000, limitMilli: 1500, cores: constant(0.7) });
  const annotations = { "mbcas.io/min-cpu": "500", "mbcas.io/weight": "100" };
  node.add({ name: "b", requestMilli: 100, limitMilli: 200, cores: constant(0.02), annotations });
  await node.run(120);
  expect([node.requestMilli("a"), node.limitMilli("a")]).toEqual([1000, 1500]);
  expect(node.throttledShare("a")).toBe(0);
});

it("the hungry share a node that is used up by weight above their guarantees, and get their limits back after", async () => {
  const node = new MarketNode({});
  for (const weight of [1, 2, 4])
    node.add({
      name: `w${weight}`,
      requestMilli: 100,
      limitMilli: 2000,
      cores: constant(2),
      annotations: { "mbcas.io/weight": String(weight) },
    });
  await node.run(60);
  const before = [1, 2, 4].map((weight) => node.usedCoreSeconds(`w${weight}`));
  await node.run(60);
  const milli = [1, 2, 4].map((weight, index) => ((node.usedCoreSeconds(`w${weight}`) - before[index]!) / 60) * 1000);
  const unit = (milli.reduce((sum, one) => sum + one, 0) - 300) / 7;
  milli.forEach((one, index) => {
    const share = (one - 100) / unit / [1, 2, 4][index]!;
    expect(share).toBeGreaterThan(0.95);
    expect(share).toBeLessThan(1.05);
  });
  node.remove("w4");
  node.remove("w2");
  await node.run(5);
  expect(node.limitMilli("w1")).toBe(2000);
});

it("a quiet node costs no resize, and one that bursts a few until it is known", async () => {
  const [quiet, busy] = [new MarketNode({ cores: 8 }), new MarketNode({ cores: 8 })];
  for (let index = 0; index < 20; index += 1) {
    const load = { name: `p${index}`, requestMilli: 200, limitMilli: 500 };
    quiet.add({ ...load, cores: constant(0.05 + index * 0.008) });
    busy.add({ ...load, cores: burst(0.6, 5_000, 20_000 + index * 1_000) });
  }
  await quiet.run(600);
  await busy.run(600);
  expect(quiet.resizes).toBe(0);
  expect(busy.resizes).toBeLessThan(100);
});

it("rations leave nothing to who weighs nothing beside the rationed", async () => {
  const wants = (name: string, weight: number): Load => ({
    name,
    requestMilli: 100,
    limitMilli: 1500,
    cores: constant(0.8),
    annotations: { "mbcas.io/weight": String(weight) },
  });
  const filler = { name: "filler", requestMilli: 2, limitMilli: null, cores: constant(4), managed: false };
  const service = { name: "service", requestMilli: 400, limitMilli: 1000, cores: burst(0.7, 400, 1_100) };
  const tenants = [service, wants("w1", 1), wants("w2", 2), wants("w4", 4), wants("hog", 1)];
  const { ours, declared } = await beside([filler, ...tenants], 240);
  const used = (node: MarketNode): number => tenants.reduce((sum, { name }) => sum + node.usedCoreSeconds(name), 0);
  expect(used(ours)).toBeGreaterThan(0.95 * used(declared));
});

it("rations hold beside a service whose use goes up and down, and divide as the weights say", async () => {
  const node = new MarketNode({});
  const wants = (name: string, weight: number, cores: number): Load => ({
    name,
    requestMilli: 200,
    limitMilli: 1500,
    cores: constant(cores),
    annotations: { "mbcas.io/weight": String(weight) },
  });
  const uneven = (atMs: number): number => 0.12 + 0.36 * ((Math.floor(atMs / 1000) * 0.618) % 1);
  node.add({ name: "service", requestMilli: 400, limitMilli: 1000, cores: uneven });
  for (const load of [wants("w1", 1, 0.675), wants("w2", 2, 0.675), wants("hog", 1, 2)]) node.add(load);
  node.add(wants("w4", 4, 0.9));
  await node.run(40);
  const before = new Map(["w1", "w2", "w4", "hog"].map((name) => [name, node.usedCoreSeconds(name)]));
  await node.run(240);
  const above = (name: string): number => (node.usedCoreSeconds(name) - (before.get(name) ?? 0)) / 240 - 0.2;
  for (const [name, weight] of [
    ["w2", 2],
    ["w4", 4],
    ["hog", 1],
  ] as const)
    expect(Math.abs(above(name) / above("w1") / weight - 1), name).toBeLessThan(0.15);
  expect(node.throttledShare("service")).toBe(0);
});

it("a node full of work that yields to whoever wants CPU rations nobody", async () => {
  const node = new MarketNode({});
  node.add({ name: "filler", requestMilli: 2, limitMilli: null, cores: constant(4), managed: false });
  const uneven = (atMs: number): number => 0.05 + 0.2 * ((Math.floor(atMs / 1000) * 0.618) % 1);
  for (const name of ["a", "b", "c"]) node.add({ name, requestMilli: 100, limitMilli: 500, cores: uneven });
  await node.run(180);
  for (const name of ["a", "b", "c"]) {
    expect(node.limitMilli(name)).toBeGreaterThanOrEqual(500);
    expect(node.throttledSeconds(name)).toBe(0);
  }
});

it("while writes wait who is throttled gets its limit, and who can wait what it is to have when they do not any more", async () => {
  const node = new MarketNode({});
  node.behind = true;
  node.add({ name: "throttled", requestMilli: 100, limitMilli: 200, cores: constant(0.5) });
  node.add({ name: "waits", requestMilli: 50, limitMilli: 1000, cores: constant(0.2) });
  await node.run(120);
  expect(node.limitMilli("throttled")).toBeGreaterThanOrEqual(500);
  expect(node.requestMilli("waits")).toBe(50);
  node.behind = false;
  await node.run(20);
  expect(node.requestMilli("waits")).toBeGreaterThan(150);
});
