import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { actuationSteps, type CpuSettings, podSettings } from "./actuation.ts";
import { inRetryOrder, type PendingResize } from "./admission.ts";

const cpu = (requestMilli: number, limitMilli: number | null): CpuSettings => ({ requestMilli, limitMilli });

describe("the order of cgroup writes", () => {
  it("is pod up, containers down, pod down, containers up", () => {
    const from = new Map([
      ["grows", cpu(100, 200)],
      ["shrinks", cpu(500, 1000)],
    ]);
    const to = new Map([
      ["grows", cpu(100, 400)],
      ["shrinks", cpu(100, 300)],
    ]);
    expect(actuationSteps(from, to).map(({ container, settings }) => [container, settings.limitMilli])).toEqual([
      ["shrinks", 300],
      [null, 700],
      ["grows", 400],
    ]);
    expect(actuationSteps(to, from).map(({ container, settings }) => [container, settings.limitMilli])).toEqual([
      [null, 1200],
      ["grows", 200],
      ["shrinks", 1000],
    ]);
  });

  it("ends where it should and never has a container above its pod", () => {
    const limit = fc.oneof(fc.constant(null), fc.integer({ min: 10, max: 4000 }));
    const settings = fc.record({ requestMilli: fc.integer({ min: 0, max: 4000 }), limitMilli: limit });
    const podOf = (one: CpuSettings, two: CpuSettings): Map<string, CpuSettings> =>
      new Map([
        ["a", one],
        ["b", two],
      ]);
    fc.assert(
      fc.property(settings, settings, settings, settings, (one, two, three, four) => {
        const [from, to] = [podOf(one, two), podOf(three, four)];
        let pod = podSettings(from);
        const now = new Map(from);
        for (const { container, settings: written } of actuationSteps(from, to)) {
          if (container === null) pod = written;
          else now.set(container, written);
          const bounded = [...now.values()].every(
            ({ limitMilli }) => (limitMilli ?? 0) <= (pod.limitMilli ?? Infinity),
          );
          expect(bounded).toBe(true);
        }
        expect(now).toEqual(to);
        expect(pod).toEqual(podSettings(to));
      }),
    );
  });

  it("gives a pod a limit only where every container has one", () => {
    expect(
      podSettings(
        new Map([
          ["a", cpu(100, 200)],
          ["b", cpu(50, null)],
        ]),
      ),
    ).toEqual(cpu(150, null));
    expect(
      podSettings(
        new Map([
          ["a", cpu(100, 200)],
          ["b", cpu(50, 60)],
        ]),
      ),
    ).toEqual(cpu(150, 260));
  });
});

describe("the order of retries", () => {
  const pending = (name: string, change: Partial<PendingResize>): PendingResize & { name: string } => ({
    name,
    qos: "Burstable",
    priority: 0,
    increases: true,
    sinceMs: 1000,
    ...change,
  });

  it("is what does not increase, then priority, then QoS class, then age", () => {
    const waiting = [
      pending("young", {}),
      pending("old", { sinceMs: 10 }),
      pending("guaranteed", { qos: "Guaranteed" }),
      pending("important", { priority: 5 }),
      pending("shrinking", { increases: false }),
    ];
    expect(inRetryOrder(waiting).map(({ name }) => name)).toEqual([
      "shrinking",
      "important",
      "guaranteed",
      "old",
      "young",
    ]);
  });
});
