import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { PodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import { mustStayBelowLimit } from "../observe/eligibility.ts";
import { ResizeLog } from "./log.ts";
import { planResize, type PlanInput, type Wanted } from "./plan.ts";
import type { PodResize } from "./resize.ts";
import { aResizePolicy as policy, sized } from "./testing.ts";
import { verdict } from "./verdict.ts";

const gib = 2 ** 30;

function plan(pod: PodState, wanted: Partial<Wanted>, part: Partial<PlanInput> = {}): PodResize | null {
  const log = new ResizeLog();
  const each = new Map(
    pod.containers.map(({ name }) => [
      name,
      { requestMilli: 100, limitMilli: 200, bound: false, rationed: false, pressed: false, ...wanted },
    ]),
  );
  return planResize(
    { pod, wanted: each, verdict: verdict(pod, 0), memory: log.of(pod.uid), nowMs: 100_000, ...part },
    policy,
  );
}

describe("a request that is kept", () => {
  const kept = (requestMilli: number): Partial<Wanted> => ({ requestMilli, limitMilli: 200, requestKept: true });

  it("comes to exactly what was declared, however small the difference, at once", () => {
    const pod = aPod({ containers: [sized(198, 300)] });
    const memory = { ...new ResizeLog().of(pod.uid), lastCutMs: 100_000 };
    for (const requestMilli of [195, 199]) {
      const resize = plan(pod, { ...kept(requestMilli), limitMilli: 300 }, { memory });
      expect(resize?.containers).toEqual([{ name: "app", requestMilli, limitMilli: 300 }]);
    }
  });

  it("is not asked for where a raise was refused a moment ago", () => {
    const pod = aPod({ containers: [sized(50, 200)] });
    const log = new ResizeLog();
    log.refused(pod.uid, ["request"], { reason: "QuotaExceeded", message: "exceeded quota" }, 99_000);
    expect(plan(pod, kept(100), { memory: log.of(pod.uid) })).toBeNull();
  });
});

describe("the QoS class stays:", () => {
  it("Guaranteed moves request and limit together", () => {
    const pod = aPod({ qos: "Guaranteed", containers: [sized(200, 200)] });
    expect(plan(pod, { requestMilli: 500, limitMilli: 500 })?.containers).toEqual([
      { name: "app", requestMilli: 500, limitMilli: 500 },
    ]);
  });

  it("Burstable only by CPU keeps its request below its limit", () => {
    const pod = aPod({ containers: [sized(100, 200, { memoryRequestBytes: gib, memoryLimitBytes: gib })] });
    expect(mustStayBelowLimit(pod)).toBe(true);
    const resize = plan(pod, { requestMilli: 50, limitMilli: 50 });
    expect(resize?.containers).toEqual([{ name: "app", requestMilli: 40, limitMilli: 50 }]);
  });

  it("a limit is neither added nor removed", () => {
    const pod = aPod({ containers: [sized(100, null)] });
    expect(plan(pod, { requestMilli: 500, limitMilli: 900 })?.containers).toEqual([
      { name: "app", requestMilli: 500, limitMilli: null },
    ]);
  });

  it("holds for any pod and any target", () => {
    const shapes = fc.record({
      request: fc.integer({ min: 1, max: 100 }).map((n) => n * 10),
      extra: fc.integer({ min: 0, max: 100 }).map((n) => n * 10),
      sameMemory: fc.boolean(),
      wantRequest: fc.integer({ min: 0, max: 400 }).map((n) => n * 10),
      wantExtra: fc.integer({ min: 0, max: 100 }).map((n) => n * 10),
    });
    fc.assert(
      fc.property(shapes, ({ request, extra, sameMemory, wantRequest, wantExtra }) => {
        const memory = sameMemory ? { memoryRequestBytes: gib, memoryLimitBytes: gib } : {};
        const guaranteed = sameMemory && extra === 0;
        const pod = aPod({
          qos: guaranteed ? "Guaranteed" : "Burstable",
          containers: [sized(request, request + extra, memory)],
        });
        const wanted = { requestMilli: wantRequest, limitMilli: wantRequest + (guaranteed ? 0 : wantExtra) };
        const [container] = plan(pod, wanted)?.containers ?? [];
        if (!container) return;
        const limit = container.limitMilli!;
        expect(container.requestMilli).toBeGreaterThanOrEqual(policy.minMilli);
        expect(container.requestMilli).toBeLessThanOrEqual(limit);
        expect(sameMemory && container.requestMilli === limit).toBe(guaranteed);
      }),
    );
  });
});

describe("a plan", () => {
  it("covers all containers of a pod at once", () => {
    const pod = aPod({ containers: [sized(100, 200), sized(100, 200, { name: "side" })] });
    const wanted = new Map([
      ["app", { requestMilli: 300, limitMilli: 600, bound: false, rationed: false, pressed: false }],
    ]);
    const resize = planResize(
      { pod, wanted, verdict: { kind: "settled" }, memory: new ResizeLog().of("x"), nowMs: 0 },
      policy,
    );
    expect(resize?.containers).toEqual([
      { name: "app", requestMilli: 300, limitMilli: 600 },
      { name: "side", requestMilli: 100, limitMilli: 200 },
    ]);
  });

  it("waits while a resize is in flight or failing", () => {
    expect(plan(aPod(), { limitMilli: 900 }, { verdict: { kind: "inFlight" } })).toBeNull();
    expect(plan(aPod(), { limitMilli: 900 }, { verdict: { kind: "error", message: "" } })).toBeNull();
  });

  it("reverts what is infeasible to what was admitted", () => {
    const pod = aPod({
      containers: [sized(9000, 9000, { allocatedMilli: 100, actual: { requestMilli: 100, limitMilli: 200 } })],
    });
    const resize = plan(
      pod,
      { requestMilli: 9000, limitMilli: 9000 },
      { verdict: { kind: "infeasible", message: "" } },
    );
    expect(resize).toMatchObject({
      cause: "revert",
      containers: [{ name: "app", requestMilli: 100, limitMilli: 200 }],
    });
  });

  it("remembers what was infeasible and does not raise again", () => {
    const log = new ResizeLog();
    log.noted("uid-1", { kind: "infeasible", message: "too big" }, 0);
    expect(plan(aPod(), { requestMilli: 900, limitMilli: 900 }, { memory: log.of("uid-1"), nowMs: 1000 })).toBeNull();
    expect(plan(aPod(), { requestMilli: 50, limitMilli: 100 }, { memory: log.of("uid-1"), nowMs: 1000 })?.cuts).toBe(
      true,
    );
    expect(
      plan(aPod(), { requestMilli: 900, limitMilli: 900 }, { memory: log.of("uid-1"), nowMs: 31_000 }),
    ).not.toBeNull();
  });

  it("holds up no raise for a refused cut, and no cut for a refused raise", () => {
    const log = new ResizeLog();
    const why = { reason: "LimitRange", message: "" };
    log.refused("uid-1", ["cut"], why, 99_000);
    const raised = plan(aPod(), { requestMilli: 20, limitMilli: 400 }, { memory: log.of("uid-1") });
    expect(raised?.containers).toEqual([{ name: "app", requestMilli: 100, limitMilli: 400 }]);
    expect(plan(aPod(), { requestMilli: 20, limitMilli: 50 }, { memory: log.of("uid-1") })).toBeNull();
    log.forget("uid-1");
    log.refused("uid-1", ["request"], why, 99_000);
    const mixed = plan(aPod(), { requestMilli: 300, limitMilli: 400 }, { memory: log.of("uid-1") });
    expect(mixed?.containers).toEqual([{ name: "app", requestMilli: 100, limitMilli: 400 }]);
  });

  it("sizes what runs, and leaves out what has ended or waits", () => {
    const pod = aPod({
      containers: [
        sized(200, 400),
        sized(100, 100, { name: "once", running: false }),
        sized(50, 50, { name: "waits", running: false, actual: null }),
      ],
    });
    expect(plan(pod, { requestMilli: 500, limitMilli: 900 })?.containers).toEqual([
      { name: "app", requestMilli: 500, limitMilli: 900 },
    ]);
  });

  it("gives up a deferred request at once where a pressed limit hangs behind it", () => {
    const pod = aPod({
      containers: [sized(900, 900, { allocatedMilli: 100, actual: { requestMilli: 100, limitMilli: 200 } })],
    });
    const deferred = { kind: "deferred", message: "" } as const;
    const log = new ResizeLog();
    log.noted(pod.uid, deferred, 99_900);
    const input = { verdict: deferred, memory: log.of(pod.uid) };
    expect(plan(pod, { requestMilli: 900, limitMilli: 900, pressed: true }, input)?.containers).toEqual([
      { name: "app", requestMilli: 100, limitMilli: 900 },
    ]);
  });

  it("gives up both of a deferred Guaranteed pod when patience is over", () => {
    const pod = aPod({
      qos: "Guaranteed",
      containers: [sized(900, 900, { allocatedMilli: 100, actual: { requestMilli: 100, limitMilli: 100 } })],
    });
    const deferred = { kind: "deferred", message: "" } as const;
    const log = new ResizeLog();
    log.noted(pod.uid, deferred, 0);
    const input = { verdict: deferred, memory: log.of(pod.uid) };
    expect(plan(pod, { requestMilli: 900, limitMilli: 900, pressed: true }, input)?.containers).toEqual([
      { name: "app", requestMilli: 100, limitMilli: 100 },
    ]);
  });

  it("leaves a deferred resize to the kubelet, then gives up the request and takes the limit", () => {
    const pod = aPod({
      containers: [sized(900, 900, { allocatedMilli: 100, actual: { requestMilli: 100, limitMilli: 200 } })],
    });
    const deferred = { kind: "deferred", message: "" } as const;
    const log = new ResizeLog();
    log.noted(pod.uid, deferred, 0);
    const wanted = { requestMilli: 900, limitMilli: 900 };
    expect(plan(pod, wanted, { verdict: deferred, memory: log.of(pod.uid), nowMs: 9_000 })).toBeNull();
    const later = plan(pod, wanted, { verdict: deferred, memory: log.of(pod.uid), nowMs: 10_000 });
    expect(later?.containers).toEqual([{ name: "app", requestMilli: 100, limitMilli: 900 }]);
  });

  it("ignores differences below a granule or the deadband", () => {
    expect(plan(aPod(), { requestMilli: 105, limitMilli: 205 })).toBeNull();
    expect(plan(aPod({ containers: [sized(1000, 2000)] }), { requestMilli: 1010, limitMilli: 2030 })).toBeNull();
    expect(plan(aPod({ containers: [sized(1000, 2000)] }), { requestMilli: 950, limitMilli: 1850 })).toBeNull();
  });

  it("waits for more than a small step, unless the container is throttled or a bound asks for it", () => {
    expect(plan(aPod(), { limitMilli: 210 })).toBeNull();
    expect(plan(aPod(), { limitMilli: 210, pressed: true })?.containers[0]?.limitMilli).toBe(210);
    expect(plan(aPod(), { limitMilli: 210, bound: true })?.containers[0]?.limitMilli).toBe(210);
    expect(plan(aPod(), { limitMilli: 190, pressed: true })).toBeNull();
  });

  it("raises at once, cuts after a rest, and cuts at once where an owner's bound asks for it", () => {
    const log = new ResizeLog();
    log.patched("uid-1", 1, true, 99_000);
    const memory = log.of("uid-1");
    expect(plan(aPod(), { limitMilli: 400 }, { memory })).not.toBeNull();
    expect(plan(aPod(), { limitMilli: 110 }, { memory })).toBeNull();
    expect(plan(aPod(), { limitMilli: 110 }, { memory, nowMs: 104_000 })).not.toBeNull();
    expect(plan(aPod(), { limitMilli: 110, bound: true }, { memory })).not.toBeNull();
  });

  it("moves a ration at once, but not for a tenth of it", () => {
    const log = new ResizeLog();
    log.patched("uid-1", 1, true, 99_000);
    const pod = aPod({ containers: [sized(100, 1000)] });
    const ration = (limitMilli: number): number | null | undefined =>
      plan(pod, { limitMilli, rationed: true }, { memory: log.of(pod.uid) })?.containers[0]?.limitMilli;
    expect([ration(890), ration(1110)]).toEqual([890, 1110]);
    expect([ration(910), ration(1090)]).toEqual([undefined, undefined]);
  });

  it("never desires less than the least quota the kernel takes", () => {
    expect(plan(aPod(), { requestMilli: 0, limitMilli: 0 })?.containers).toEqual([
      { name: "app", requestMilli: 10, limitMilli: 10 },
    ]);
  });
});
