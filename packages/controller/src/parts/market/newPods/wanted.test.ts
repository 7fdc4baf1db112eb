import type { CreationProfileSpec } from "@walras/api";
import { beforeAll, describe, expect, it } from "vitest";

import type { Autoscalers } from "../observe/autoscalers.ts";
import { unbounded } from "../observe/limitRange.ts";
import { hourMs, MemoryBed, minuteMs, podOf, policy } from "../remember/testing.ts";
import { type NewPodsView, wantedCreations } from "./wanted.ts";

const nobody: Autoscalers = { horizontal: [], vertical: [] };
const open: NewPodsView = { isThere: () => true, limitRanges: () => [], autoscalersOf: () => nobody };

function wanted(bed: MemoryBed, view: Partial<NewPodsView> = {}): CreationProfileSpec | undefined {
  const { workloads, memory, clock } = bed;
  return wantedCreations(workloads.values(), memory.recentMinutes(), { ...open, ...view }, { policy, clock }).get(
    "default",
  );
}

const target = { kind: "Deployment", name: "cart" };
const own = { uid: "u", namespace: "default", name: "scaler", target };

describe("what new pods are sized by", () => {
  let known: MemoryBed;
  beforeAll(async () => {
    known = new MemoryBed();
    await known.run(podOf("cart", "1"), 70, 26 * hourMs);
  }, 30_000);

  it("is the habit that running pods follow, valid for one memory", () => {
    const spec = wanted(known);
    expect(spec).toMatchObject({ overbook: 4, minMilli: 0 });
    expect(spec).not.toHaveProperty("maxLimitRequestRatio");
    expect(Date.parse(spec?.validUntil ?? "") - known.clock.wallMs()).toBe(policy.memoryMs);
    const app = spec?.workloads["Deployment/cart"]?.["app"];
    expect(app?.trustPercent).toBe(100);
    expect(app?.habitMilli).toBe(Math.ceil(known.request(podOf("cart", "1"), 100) ?? 0));
    expect(app?.leastMilli).toBe(70);
  });

  it.each([
    ["divides by every container's request", { ...nobody, horizontal: [{ ...own, containers: null }] }],
    ["divides by this container's", { ...nobody, horizontal: [{ ...own, containers: ["app"] }] }],
    ["sizes the pods", { ...nobody, vertical: [{ ...own, mode: "Initial", setsCpu: {} }] }],
  ])("is nothing where an autoscaler %s", (_, autoscalers) => {
    expect(wanted(known, { autoscalersOf: () => autoscalers })).toBeUndefined();
  });

  it.each([
    ["divides by another container's request", { ...nobody, horizontal: [{ ...own, containers: ["proxy"] }] }],
    ["leaves CPU alone", { ...nobody, vertical: [{ ...own, mode: "Auto", setsCpu: { "*": false } }] }],
  ])("is all of it where one %s", (_, autoscalers) => {
    expect(wanted(known, { autoscalersOf: () => autoscalers })?.workloads).toHaveProperty("Deployment/cart");
  });

  it("is bounded by what LimitRanges ask of containers, and nothing where they ask it of pods", () => {
    const range = { uid: "r", namespace: "default", name: "r", container: unbounded, pod: unbounded };
    const container = { ...unbounded, minMilli: 90, maxRatio: 5 };
    expect(wanted(known, { limitRanges: () => [{ ...range, container }] })).toMatchObject({
      minMilli: 90,
      maxLimitRequestRatio: 5,
    });
    expect(wanted(known, { limitRanges: () => [{ ...range, pod: { ...unbounded, minMilli: 90 } }] })).toBeUndefined();
  });

  it("is nothing in a namespace that is gone", () => {
    expect(wanted(known, { isThere: () => false })).toBeUndefined();
  });
});

it("nobody is sized by what an hour has shown, nor a pod that has no successors", async () => {
  const bed = new MemoryBed();
  await bed.run([podOf("cart", "1"), podOf("bare", "2", { workload: null })], 70, hourMs - minuteMs);
  expect(wanted(bed)).toBeUndefined();
  await bed.run(podOf("cart", "1"), 70, 2 * hourMs);
  expect(Object.keys(wanted(bed)?.workloads ?? {})).toEqual(["Deployment/cart"]);
});

it("what pods need now counts for those that come: the most that any of them needed for a minute", async () => {
  const bed = new MemoryBed();
  const pods = ["1", "2"].map((uid) => podOf("cart", uid));
  await bed.run(pods, 70, 3 * hourMs);
  await bed.run(pods[0]!, 900, 3 * minuteMs);
  expect(wanted(bed)?.workloads["Deployment/cart"]?.["app"]?.leastMilli).toBe(900);
  await bed.run(pods, 70, 11 * minuteMs);
  expect(wanted(bed)?.workloads["Deployment/cart"]?.["app"]?.leastMilli).toBe(70);
});

it("of more than an object has room for, those that ran last are in it", async () => {
  const bed = new MemoryBed({ most: 4_000 });
  const pods = Array.from({ length: 3_000 }, (_, index) => podOf(`${"x".repeat(100)}-${index}`, String(index)));
  for (const pod of pods) bed.workloads.joined(pod);
  const all = [...bed.workloads.values()];
  all.forEach((one, index) => {
    for (let hour = 1; hour <= 3; hour += 1)
      bed.workloads.learn(one, "app", { milli: 70, minutes: 60 }, bed.clock.wallMs() + hour * hourMs);
    one.seenMs = bed.clock.wallMs() + index;
  });
  await bed.clock.advance(3 * hourMs);
  const keys = Object.keys(wanted(bed)?.workloads ?? {});
  expect(JSON.stringify(wanted(bed)).length).toBeLessThan(300 * 1024);
  expect(keys.length).toBeGreaterThan(1_000);
  expect(keys).toContain(`Deployment/${"x".repeat(100)}-2999`);
  expect(keys).not.toContain(`Deployment/${"x".repeat(100)}-0`);
});
