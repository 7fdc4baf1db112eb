import { expect, it } from "vitest";

import type { Slot } from "../decide/slot.ts";
import { defaultSlotPolicy } from "../decide/policy.ts";
import { allowedView, eligibleView, lastView } from "./view.ts";

const policy = { ...defaultSlotPolicy, excluded: new Set(["nuc"]) };
const slots: readonly Slot[] = [
  { node: "orin", busyFraction: 0.123456, state: "free", detail: "CPU 12 %" },
  { node: "agx", busyFraction: 0.9, state: "busy", detail: "CPU 90 %" },
  { node: "nano", busyFraction: null, state: "unknown", detail: "CPU is not known" },
  { node: "nuc", busyFraction: 0.1, state: "ineligible", detail: "excluded by name" },
];

it("answers as the prototype did, and says why", () => {
  expect(eligibleView(slots, policy)).toMatchObject({
    threshold: 0.7,
    excluded: ["nuc"],
    nodes: [
      { node: "agx", cpu30s: 0.9, eligible: false, excluded: false, detail: "CPU 90 %" },
      { node: "nano", cpu30s: null, eligible: false },
      { node: "nuc", eligible: false, excluded: true },
      { node: "orin", cpu30s: 0.1235, eligible: true },
    ],
  });
  expect(allowedView(slots, 1, policy)).toEqual({ allowed: 1, eligible: ["orin"], threshold: 0.7, excluded: ["nuc"] });
  expect(lastView(slots, ["orin"], policy)).toEqual({
    eligible_count: 1,
    eligible_nodes: ["orin"],
    excluded: ["nuc"],
    cpu_by_node: { agx: 0.9, orin: 0.1235 },
  });
});
