import { describe, expect, it } from "vitest";

import type { Pod } from "./objects.ts";
import { notAsked, throttlingOf } from "./throttling.ts";

const told = (podUid: string, containerId: string, throttledMilli: number, ageMs = 500): object => {
  return { podUid, containerId, usageMilli: 100, throttledMilli, ageMs };
};

const view = {
  nodes: [
    { node: "n1", containers: [told("web", "w1", 20), told("web", "w2", 30), told("calm", "c1", 0)] },
    { node: "silent", containers: [told("late", "l1", 40), told("late", "l2", 40, 4_000)] },
    { node: "empty", containers: [] },
  ],
};

/** @param running the IDs of its containers, as a runtime writes them */
const pod = (uid: string, ...running: readonly string[]): Pod => ({
  metadata: { name: uid, uid },
  status: {
    containerStatuses: running.map((containerID) => ({ name: containerID, containerID, state: { running: {} } })),
  },
});

describe("throttling", () => {
  it("is in seconds a minute, of a node's containers together and of a pod's", () => {
    const { ofNode, ofPod } = throttlingOf(view);
    expect(ofNode("n1")).toBe(3);
    expect(ofPod(pod("web", "containerd://w1", "containerd://w2"))).toBe(3);
    expect(ofPod(pod("calm", "cri-o://c1"))).toBe(0);
  });

  it("is not known of whom nobody told in time, and not 0", () => {
    const { ofNode, ofPod } = throttlingOf(view);
    expect(["silent", "empty", "other"].map(ofNode)).toEqual([null, null, null]);
    expect(ofPod(pod("late", "containerd://l1", "containerd://l2"))).toBeNull();
    expect(ofPod(pod("other", "containerd://o1"))).toBeNull();
    expect([notAsked.ofNode("n1"), notAsked.ofPod(pod("web"))]).toEqual([null, null]);
  });

  it("is not known of a pod with a container that runs and of which nothing is told", () => {
    const { ofPod } = throttlingOf(view);
    expect(ofPod(pod("calm", "containerd://c1", "containerd://new"))).toBeNull();
    const ended = { name: "old", containerID: "containerd://old", state: {} };
    const before = pod("calm", "containerd://c1");
    expect(ofPod({ ...before, status: { ...before.status, initContainerStatuses: [ended] } })).toBe(0);
  });

  it("refuses a view of another shape, naming the field", () => {
    expect(() => throttlingOf({ nodes: [{ node: "n1" }] })).toThrow(/^\/demand\.nodes\.0\.containers: /);
  });
});
