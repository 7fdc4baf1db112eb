import { dashboardSlots } from "@walras/api";
import { expect, it } from "vitest";

import type { Slot } from "../decide/slot.ts";
import type { SlotPolicy } from "../decide/policy.ts";
import { slotsOf, type SlotsNow } from "./dashboard.ts";

const slot = (node: string, state: Slot["state"], busyFraction: number | null): Slot => ({
  node,
  state,
  busyFraction,
  detail: state,
});

const now: SlotsNow = {
  atMs: 5,
  slots: [slot("d", "unknown", null), slot("b", "free", 0.4), slot("c", "occupied", 0.9), slot("a", "free", 0.12345)],
  allowed: 1,
  reason: null,
  promised: { jobs: 0, grants: 1 },
  grants: [{ owner: "lab/train", atMs: 0 }],
  jobs: [],
  stranded: 0,
  scaledJobs: [
    { namespace: "lab", name: "train", external: true },
    { namespace: "lab", name: "other", external: false },
  ],
  asked: (owner) => owner === "lab/train",
};

it("shows free slots first, the idlest of them first, and who was promised some", () => {
  const shown = dashboardSlots.parse(slotsOf(now, { cpuThreshold: 0.7 } as SlotPolicy));
  expect(shown.slots.map(({ node, used }) => [node, used])).toEqual([
    ["a", 0.123],
    ["b", 0.4],
    ["c", 0.9],
    ["d", null],
  ]);
  expect(shown).toMatchObject({ threshold: 0.7, allowed: 1, promisedGrants: 1 });
  expect(shown.scaledJobs).toEqual([{ namespace: "lab", name: "train", unfinished: 0, granted: 1, asked: true }]);
});
