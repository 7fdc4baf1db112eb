import { describe, expect, it } from "vitest";

import type { PodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import { sized } from "./testing.ts";
import { verdict } from "./verdict.ts";

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
