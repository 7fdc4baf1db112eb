import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ContainerState, PodState } from "../cluster/pod.ts";
import { countedRequestMilli } from "../cluster/pod.ts";
import { aContainerState, aPod } from "../cluster/testing.ts";
import { admit } from "./admit.ts";
import { ineligibility, mustStayBelowLimit } from "./eligibility.ts";
import { ResizeLog } from "./log.ts";
import { planResize, type PlanInput, type PodResize, type ResizePolicy, resizeTo, type Wanted } from "./plan.ts";
import { classifyFailure, remember } from "./refusal.ts";
import { verdict } from "./verdict.ts";

const policy: ResizePolicy = {
  minMilli: 10,
  granuleMilli: 10,
  leastStepMilli: 20,
  raiseDeadband: 0.02,
  requestDeadband: 0.2,
  cutDeadband: 0.1,
  cutCooldownMs: 5_000,
  deferredPatienceMs: 10_000,
};

const gib = 2 ** 30;

function plan(pod: PodState, wanted: Partial<Wanted>, part: Partial<PlanInput> = {}): PodResize | null {
  const log = new ResizeLog();
  const each = new Map(
    pod.containers.map(({ name }) => [
      name,
      { requestMilli: 100, limitMilli: 200, scarce: false, pressed: false, ...wanted },
    ]),
  );
  return planResize(
    { pod, wanted: each, verdict: verdict(pod, 0), memory: log.of(pod.uid), nowMs: 100_000, ...part },
    policy,
  );
}

function sized(requestMilli: number, limitMilli: number | null, part: Partial<ContainerState> = {}): ContainerState {
  return aContainerState({ desired: { requestMilli, limitMilli }, ...part });
}

describe("a pod is left alone, with the reason, when", () => {
  const cases: [string, Partial<PodState>, string][] = [
    ["it is a mirror of a static pod", { mirror: true }, "MirrorPod"],
    ["it is a static pod", { configHash: "abc" }, "MirrorPod"],
    ["it runs windows", { windows: true }, "WindowsPod"],
    ["it is BestEffort, whose class any CPU would change", { qos: "BestEffort" }, "BestEffort"],
    ["its resources are set for the pod as a whole", { podLevelResources: true }, "PodLevelResources"],
    ["its resize could evict others", { priorityClass: "system-node-critical" }, "SystemCritical"],
    [
      "a CPU resize would restart a container",
      { containers: [aContainerState({ restartsOnCpuResize: true })] },
      "RestartsOnResize",
    ],
    [
      "a request would be added that cannot be removed",
      { containers: [aContainerState({ desired: { requestMilli: null, limitMilli: null } })] },
      "NoCpuRequest",
    ],
    ["its node does not report resources", { containers: [aContainerState({ actual: null })] }, "NodeTooOld"],
  ];
  it.each(cases)("%s", (_, part, reason) => {
    expect(ineligibility(aPod(part))?.reason).toBe(reason);
  });

  it("and only then", () => {
    expect(ineligibility(aPod())).toBeNull();
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

describe("a resize is judged", () => {
  const resized = (part: Partial<PodState>): PodState => aPod({ generation: 5, ...part });

  it("settled only when status enforces what spec desires", () => {
    const lagging = sized(300, 600, { actual: { requestMilli: 100, limitMilli: 200 } });
    expect(verdict(resized({ containers: [lagging] }), 5).kind).toBe("inFlight");
    expect(verdict(resized({ containers: [sized(300, 600)] }), 5).kind).toBe("settled");
  });

  it("in flight while the pod of our patch has not come back", () => {
    expect(verdict(resized({}), 6).kind).toBe("inFlight");
  });

  it("by conditions of its own generation only", () => {
    const stale = { reason: "Infeasible", message: "too big", observedGeneration: 4 };
    expect(verdict(resized({ resizePending: stale }), 5).kind).toBe("settled");
    expect(verdict(resized({ resizePending: { ...stale, observedGeneration: 5 } }), 5).kind).toBe("infeasible");
  });

  it("by conditions without a generation, from kubelets before 1.34", () => {
    const old = { reason: "Deferred", message: "later", observedGeneration: undefined };
    expect(verdict(resized({ resizePending: old }), 5).kind).toBe("deferred");
  });

  it("an error while the kubelet keeps failing to apply it", () => {
    const failing = { reason: "Error", message: "cgroup", observedGeneration: 5 };
    expect(verdict(resized({ resizeInProgress: failing }), 5)).toEqual({ kind: "error", message: "cgroup" });
  });

  it("deferred even when another is in progress at the same time", () => {
    const both = {
      resizePending: { reason: "Deferred", message: "full", observedGeneration: 5 },
      resizeInProgress: { reason: "", message: "", observedGeneration: 5 },
    };
    expect(verdict(resized(both), 5).kind).toBe("deferred");
  });

  it("with the rounding of quotas in mind", () => {
    const rounded = sized(105, 205, { actual: { requestMilli: 104, limitMilli: 210 } });
    expect(verdict(resized({ containers: [rounded] }), 5).kind).toBe("settled");
  });
});

describe("a plan", () => {
  it("covers all containers of a pod at once", () => {
    const pod = aPod({ containers: [sized(100, 200), sized(100, 200, { name: "side" })] });
    const wanted = new Map([["app", { requestMilli: 300, limitMilli: 600, scarce: false, pressed: false }]]);
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
    expect(plan(aPod(), { limitMilli: 210, scarce: true })?.containers[0]?.limitMilli).toBe(210);
    expect(plan(aPod(), { limitMilli: 190, pressed: true })).toBeNull();
  });

  it("raises at once, cuts after a rest, and cuts at once where capacity binds", () => {
    const log = new ResizeLog();
    log.patched("uid-1", 1, true, 99_000);
    const memory = log.of("uid-1");
    expect(plan(aPod(), { limitMilli: 400 }, { memory })).not.toBeNull();
    expect(plan(aPod(), { limitMilli: 110 }, { memory })).toBeNull();
    expect(plan(aPod(), { limitMilli: 110 }, { memory, nowMs: 104_000 })).not.toBeNull();
    expect(plan(aPod(), { limitMilli: 110, scarce: true }, { memory })).not.toBeNull();
  });

  it("never desires less than the least quota the kernel takes", () => {
    expect(plan(aPod(), { requestMilli: 0, limitMilli: 0 })?.containers).toEqual([
      { name: "app", requestMilli: 10, limitMilli: 10 },
    ]);
  });
});

describe("admission on a node", () => {
  const podOf = (uid: string, request: number): PodState => aPod({ uid, containers: [sized(request, 2000)] });
  const to = (uid: string, from: number, requestMilli: number, limitMilli = 1900): PodResize =>
    resizeTo(podOf(uid, from), [{ name: "app", requestMilli, limitMilli }], "market")!;

  it("sends decreases before increases", () => {
    const { resizes } = admit([to("up", 100, 200), to("down", 500, 100)], 1000);
    expect(resizes.map(({ pod }) => pod.uid)).toEqual(["down", "up"]);
  });

  it("raises a request only into room that is free already; the limit goes ahead", () => {
    const { resizes, waiting } = admit([to("up", 100, 500), to("down", 500, 100)], 50);
    expect([...waiting]).toEqual(["up"]);
    expect(resizes.find(({ pod }) => pod.uid === "up")?.containers).toEqual([
      { name: "app", requestMilli: 100, limitMilli: 1900 },
    ]);
  });

  it("never lets requests add up to more than there is, in any order of answers", () => {
    const change = fc.record({ from: fc.integer({ min: 1, max: 50 }), to: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.integer({ min: 0, max: 500 }), (changes, spare) => {
        const resizes = changes.flatMap((one, index) => {
          const resize = resizeTo(
            podOf(`p${index}`, one.from * 10),
            [{ name: "app", requestMilli: one.to * 10, limitMilli: 1900 }],
            "market",
          );
          return resize ? [resize] : [];
        });
        const raised = admit(resizes, spare).resizes.reduce(
          (sum, { requestDeltaMilli }) => sum + Math.max(0, requestDeltaMilli),
          0,
        );
        expect(raised).toBeLessThanOrEqual(spare);
      }),
    );
  });

  it("counts the largest of desired, allocated and actual, but no infeasible desire", () => {
    const pod = aPod({
      containers: [sized(300, 600, { allocatedMilli: 200, actual: { requestMilli: 400, limitMilli: 600 } })],
    });
    expect(countedRequestMilli(pod)).toBe(400);
    const infeasible = aPod({
      containers: [sized(9000, 9000, { allocatedMilli: 200, actual: { requestMilli: 200, limitMilli: 600 } })],
      resizePending: { reason: "Infeasible", message: "", observedGeneration: 1 },
    });
    expect(countedRequestMilli(infeasible)).toBe(200);
  });
});

describe("a refused resize", () => {
  const call = (
    status: number,
    message: string,
    causes: { reason?: string; field?: string }[] = [],
    reason = "",
  ): ReturnType<typeof classifyFailure> => classifyFailure({ status, message, causes, reason });

  it("is told by its cause", () => {
    expect(call(403, "", [{ reason: "NodeCapacity" }])).toMatchObject({ kind: "refused", reason: "NodeCapacity" });
    expect(call(403, "", [{ reason: "UnsupportedPlatform" }])).toMatchObject({ reason: "UnsupportedPlatform" });
    expect(call(403, "exceeded quota: compute, requested: …")).toMatchObject({ reason: "QuotaExceeded" });
    expect(call(403, "maximum cpu usage per Container is 500m, but limit is 1")).toMatchObject({
      reason: "LimitRange",
    });
    expect(call(422, "Pod QOS Class may not change", [], "Invalid")).toMatchObject({
      kind: "refused",
      reason: "Invalid",
    });
  });

  it("of a pod that is gone or was replaced is nothing to remember", () => {
    expect(call(404, "not found").kind).toBe("gone");
    expect(call(422, "Invalid value", [{ field: "metadata.uid" }], "Invalid").kind).toBe("gone");
  });

  it("for want of an answer is tried again", () => {
    for (const status of [0, 409, 429, 500, 503]) expect(call(status, "").kind).toBe("retry");
  });

  it("pauses raises for longer each time", () => {
    const first = remember(null, "QuotaExceeded", "", 0);
    const second = remember(first, "QuotaExceeded", "", 0);
    expect([first.untilMs, second.untilMs]).toEqual([30_000, 60_000]);
    expect(remember(second, "LimitRange", "", 0).untilMs).toBe(30_000);
  });
});
