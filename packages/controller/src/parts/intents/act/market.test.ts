import { Store } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { marketOf, sizedPods } from "./market.ts";

const record = (status: object | undefined, podUID: string | undefined = "pod") => ({
  metadata: { uid: "record", namespace: "shop", name: "shop-web-1" },
  spec: { namespace: "shop", podName: "web-1", ...(podUID === undefined ? {} : { podUID }) },
  ...(status === undefined ? {} : { status }),
});

function sizes(raw: object, podUid = "pod"): boolean {
  const store = new Store(sizedPods.groupOf);
  const item = sizedPods.transform(raw);
  if (item) store.put(item);
  return marketOf(store).sizes(podUid);
}

describe("whether the market sizes a pod", () => {
  it.each([
    ["Applied", "Applied", true],
    ["Applied", "Rationed", true],
    ["Pending", "InProgress", true],
    ["Pending", "WaitingForRoom", true],
    ["Failed", "Infeasible", true],
    ["Pending", "Recommended", false],
    ["Pending", "GivenBack", false],
    ["Pending", "BestEffort", false],
  ])("is told by its record: %s %s is %s", (phase, reason, expected) => {
    expect(sizes(record({ phase, reason }))).toBe(expected);
  });

  it("is not, where the record is of a predecessor, says nothing yet, or names no pod", () => {
    expect(sizes(record({ phase: "Applied" }), "successor")).toBe(false);
    expect(sizes(record(undefined))).toBe(false);
    expect(sizes({ ...record({ phase: "Applied" }), spec: { namespace: "shop", podName: "web-1" } })).toBe(false);
  });
});
