import { silentLogger, VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import type { SlotPod } from "../decide/job.ts";
import type { Slot } from "../decide/slot.ts";
import { Reliever } from "./reliever.ts";

const minuteMs = 60_000;
const policy = { cpuThreshold: 0.7, overloadMs: 15 * minuteMs };

type Pod = SlotPod & { readonly terminating: boolean };

function pod(name: string, createdAtMs: number, given: Partial<Pod> = {}): Pod {
  return {
    uid: name,
    namespace: "posture",
    name,
    jobUid: `job-${name}`,
    node: "n1",
    ended: false,
    started: true,
    conditions: [],
    waitsFor: "",
    terminating: false,
    createdAtMs,
    ...given,
  };
}

interface World {
  busy: number | null;
  pods: Pod[];
  allowed: boolean;
  readonly evicted: string[];
  pass(minutes: number): Promise<void>;
}

function world(): World {
  const clock = new VirtualClock();
  const state: World = {
    busy: 0.9,
    pods: [pod("old", 1), pod("young", 2), pod("done", 3, { ended: true }), pod("elsewhere", 4, { node: "n2" })],
    allowed: true,
    evicted: [],
    pass: async (minutes) => {
      for (let step = 0; step < minutes * 6; step += 1) {
        await reliever.relieve();
        await clock.advance(10_000);
      }
    },
  };
  const slots = (): Slot[] => [
    { node: "n1", busyFraction: state.busy, state: "occupied", detail: "" },
    { node: "n2", busyFraction: 0.2, state: "occupied", detail: "" },
  ];
  const reliever = new Reliever({
    slots,
    pods: () => state.pods,
    policy,
    port: {
      evict: (victim) => {
        if (state.allowed) state.evicted.push(victim.name);
        if (state.allowed) state.pods = state.pods.filter(({ uid }) => uid !== victim.uid);
        return Promise.resolve(state.allowed);
      },
    },
    mayAct: () => true,
    onEvicted: () => undefined,
    clock,
    logger: silentLogger,
  });
  return state;
}

describe("overload relief", () => {
  it("evicts the youngest job after fifteen minutes, and the next only after fifteen more", async () => {
    const one = world();
    await one.pass(14.9);
    expect(one.evicted).toEqual([]);
    await one.pass(0.4);
    expect(one.evicted).toEqual(["young"]);
    await one.pass(14);
    expect(one.evicted).toEqual(["young"]);
    await one.pass(2);
    expect(one.evicted).toEqual(["young", "old"]);
  });

  it("counts anew after a break, and does not take silence for overload", async () => {
    const one = world();
    await one.pass(10);
    one.busy = 0.5;
    await one.pass(0.2);
    one.busy = 0.9;
    await one.pass(10);
    one.busy = null;
    await one.pass(1);
    one.busy = 0.9;
    await one.pass(14);
    expect(one.evicted).toEqual([]);
  });

  it("waits for the disruption budget", async () => {
    const one = world();
    one.allowed = false;
    await one.pass(20);
    expect(one.evicted).toEqual([]);
    one.allowed = true;
    await one.pass(0.2);
    expect(one.evicted).toEqual(["young"]);
  });
});
