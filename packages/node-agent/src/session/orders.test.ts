import type { ControllerMessage } from "@walras/proto";
import { describe, expect, it } from "vitest";

import { follow, isDeposed, noOrders } from "./orders.ts";

function settings(intervalMillis: number, allocatableMilli: number, epoch = 1): ControllerMessage {
  return { epoch, message: { $case: "settings", value: { intervalMillis, allocatableMilli } } };
}

const pods: ControllerMessage = {
  epoch: 2,
  message: {
    $case: "podSet",
    value: {
      pods: [
        { uid: "u1", configHash: "", containerIds: ["a", "b"] },
        { uid: "u2", configHash: "hash", containerIds: ["c"] },
      ],
    },
  },
};

describe("orders", () => {
  it("know which pod each container belongs to, and what its group may be called", () => {
    const { wanted, epoch } = follow(follow(noOrders, settings(500, 1500)), pods);
    expect(epoch).toBe(2);
    expect(wanted.podUidOf).toEqual(
      new Map([
        ["a", "u1"],
        ["b", "u1"],
        ["c", "u2"],
      ]),
    );
    expect(wanted.podNames).toEqual(new Set(["u1", "u2", "hash"]));
    expect(wanted.allocatableMilli).toBe(1500);
  });

  it("keep the interval where a controller gives one that cannot be", () => {
    const sensible = follow(noOrders, settings(500, 0));
    expect(sensible.intervalMs).toBe(500);
    expect(sensible.wanted.allocatableMilli).toBeNull();
    for (const wrong of [0, 99, 60_001]) expect(follow(sensible, settings(wrong, 0)).intervalMs).toBe(500);
  });

  it("are void when they come from a deposed leader", () => {
    const now = follow(noOrders, settings(500, 0, 7));
    expect(isDeposed(now, settings(500, 0, 6))).toBe(true);
    expect(isDeposed(now, settings(500, 0, 7))).toBe(false);
    expect(isDeposed(now, settings(500, 0, 8))).toBe(false);
  });
});
