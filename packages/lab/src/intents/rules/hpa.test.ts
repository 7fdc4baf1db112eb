import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { Service } from "../service/service.ts";
import { Telemetry } from "../service/telemetry.ts";
import { Behaviour } from "./behaviour.ts";
import { Hpa } from "./hpa.ts";
import { type HpaPod, wantedReplicas } from "./replicaCount.ts";

const pod = (usedMilli: number | null, unready = false): HpaPod => ({ requestMilli: 1000, usedMilli, unready });
const pods = (count: number, usedMilli: number | null, unready = false): HpaPod[] =>
  Array.from({ length: count }, () => pod(usedMilli, unready));

describe("the replicas that the horizontal autoscaler wants", () => {
  // desired = ceil(current × used / target), with the examples of Kubernetes' documents: 200 m for 100 m, and 50 m.
  it.each([
    { used: 200, target: 10, replicas: 2, wanted: 4 },
    { used: 50, target: 10, replicas: 2, wanted: 1 },
    { used: 300, target: 30, replicas: 3, wanted: 3 },
    { used: 500, target: 30, replicas: 3, wanted: 5 },
  ])("are $wanted for $replicas with $used m at $target %", ({ used, target, replicas, wanted }) => {
    expect(wantedReplicas(pods(replicas, used), target, replicas)).toBe(wanted);
  });

  it("stay within a tolerance of a tenth", () => {
    expect(wantedReplicas(pods(10, 545), 50, 10)).toBe(10);
    expect(wantedReplicas(pods(10, 560), 50, 10)).toBe(12);
    expect(wantedReplicas(pods(10, 450), 50, 10)).toBe(10);
    expect(wantedReplicas(pods(10, 440), 50, 10)).toBe(9);
  });

  it("are as they are where no metrics are known", () => {
    expect(wantedReplicas(pods(3, null), 50, 3)).toBe(3);
    expect(wantedReplicas(pods(3, 900, true), 50, 3)).toBe(3);
  });

  it("count pods that are not ready as idle where more are wanted, so that none is added twice", () => {
    // Two at 100 % of 50 % want four; two more are starting: no more.
    expect(wantedReplicas([...pods(2, 1000), ...pods(2, null, true)], 50, 4)).toBe(4);
    // Not enough, even with those: 2 × 90 % + 1 × 0 over 3 is 60 % of 30 %.
    expect(wantedReplicas([...pods(2, 900), pod(null, true)], 30, 3)).toBe(6);
  });

  it("leave out pods that are not ready where fewer are wanted", () => {
    expect(wantedReplicas([...pods(4, 200), pod(null, true)], 50, 5)).toBe(2);
  });

  it("take pods without metrics to use their request where fewer are wanted, and nothing where more are", () => {
    // 3 × 20 % and one of 100 % over 4 is 40 % of 50 %.
    expect(wantedReplicas([...pods(3, 200), pod(null)], 50, 4)).toBe(4);
    // 3 × 90 % and one of 0 over 4 is 67 % of 50 %.
    expect(wantedReplicas([...pods(3, 900), pod(null)], 50, 4)).toBe(6);
  });

  it("do not go the other way for what is not known", () => {
    // 70 % of 50 % wants more; with two of 0 it is 42 %, which would be fewer.
    expect(wantedReplicas([...pods(3, 700), ...pods(2, null)], 50, 5)).toBe(5);
  });
});

describe("the horizontal autoscaler's behaviour", () => {
  const behaviour = (downWindowMs = 300_000): Behaviour => new Behaviour({ least: 2, most: 50, downWindowMs });

  it("adds the greater of four pods and as many as there are, each 15 s", () => {
    const rule = behaviour();
    expect(rule.normalised(50, 3, 0)).toBe(7);
    expect(rule.normalised(50, 7, 15_000)).toBe(14);
    expect(rule.normalised(50, 14, 30_000)).toBe(28);
  });

  it("counts what was added within the period", () => {
    const rule = behaviour();
    expect(rule.normalised(50, 3, 0)).toBe(7);
    expect(rule.normalised(50, 7, 5_000)).toBe(7);
  });

  it("goes down to the most that was wanted within the window", () => {
    const rule = behaviour();
    expect(rule.normalised(10, 10, 0)).toBe(10);
    expect(rule.normalised(4, 10, 60_000)).toBe(10);
    expect(rule.normalised(6, 10, 120_000)).toBe(10);
    expect(rule.normalised(4, 10, 301_000)).toBe(6);
    expect(rule.normalised(4, 6, 421_000)).toBe(4);
  });

  it("stays between the least and the most", () => {
    expect(behaviour(0).normalised(1, 3, 0)).toBe(2);
    const rule = behaviour();
    expect(rule.normalised(90, 40, 0)).toBe(50);
  });
});

describe("the horizontal autoscaler on a service", () => {
  it("adds what a load takes and takes it again, and asks for no pod twice while it starts", () => {
    const service = new Service({
      cpuMs: 60,
      startMs: 30_000,
      timeoutMs: 10_000,
      milli: 1000,
      replicas: 2,
      rng: seededRng(7),
    });
    const telemetry = new Telemetry(service);
    const hpa = new Hpa({ targetPercent: 50, least: 2, most: 20, downWindowMs: 60_000 });
    const counts: number[] = [];
    for (let second = 1; second <= 1_800; second += 1) {
      service.second(second < 900 ? 40 : 5);
      telemetry.second();
      if (second % 15 === 10) telemetry.scrape();
      if (second % 15 === 0) hpa.step(service, telemetry);
      counts.push(service.replicas.length);
    }
    // 40/s of 60 ms are 2.4 cores, which is half of 4.8.
    expect(counts[890]).toBeGreaterThanOrEqual(4);
    expect(counts[890]).toBeLessThanOrEqual(6);
    expect(Math.max(...counts)).toBeLessThanOrEqual(7);
    expect(counts.at(-1)).toBe(2);
  });
});
