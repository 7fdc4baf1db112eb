import { expect, it } from "vitest";

import type { Slot } from "../decide/slot.ts";
import { defaultSlotPolicy } from "../decide/policy.ts";
import { whyNone } from "./whyNone.ts";
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
  expect(allowedView(slots, { allowed: 1, reason: null }, policy)).toEqual({
    allowed: 1,
    eligible: ["orin"],
    threshold: 0.7,
    excluded: ["nuc"],
    reason: null,
  });
  expect(lastView(slots, ["orin"], policy)).toEqual({
    eligible_count: 1,
    eligible_nodes: ["orin"],
    excluded: ["nuc"],
    cpu_by_node: { agx: 0.9, orin: 0.1235 },
  });
});

const promised = { jobs: 2, grants: 1 };
const known = { troubles: [], promised };
const three = ["a", "b", "c"].map((node): Slot => ({ node, busyFraction: 0.1, state: "free", detail: "CPU 10 %" }));

it.each([
  [
    "three free nodes, all promised",
    whyNone(three, 0, known),
    "3 free nodes are promised: to 2 jobs that are on no node yet, and by 1 grants that no job has taken up",
  ],
  ["some", whyNone(three, 1, known), null],
  [
    "a standby",
    whyNone(three, 3, { ...known, troubles: ["this replica does not lead"] }),
    "this replica does not lead",
  ],
  ["an empty cluster", whyNone([], 0, known), "the cluster has no nodes"],
  ["no labels", whyNone(slots.slice(3), 0, known), "no node takes jobs: nuc: excluded by name"],
  ["no room", whyNone(slots.slice(1), 0, known), "no eligible node has room: agx: CPU 90 %; nano: CPU is not known"],
  [
    "many nodes",
    whyNone(
      Array.from({ length: 9 }, (_, node) => ({ ...slots[1]!, node: `n${node}` })),
      0,
      known,
    ),
    "no eligible node has room: n0: CPU 90 %; n1: CPU 90 %; n2: CPU 90 %; and 6 more",
  ],
])("told by users: /allowed of 0 says why: %s", (_, reason, expected) => {
  expect(reason).toBe(expected);
});
