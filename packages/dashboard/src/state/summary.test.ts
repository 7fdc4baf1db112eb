import type { SummaryDelta } from "@walras/api";
import { expect, it } from "vitest";

import { stripFixture, summaryFixture } from "../testing/cluster.ts";

import { decisionsAfter, summaryAfter } from "./summary.ts";

const whole = summaryFixture();
const delta: SummaryDelta = {
  kind: "delta",
  seq: whole.seq + 1,
  atMs: whole.atMs + 1_000,
  leader: true,
  leaderName: whole.leaderName,
  strip: { ...stripFixture(), conflicts: 0 },
  nodes: [],
  cells: { row: [3], price: [9.5], used: [99], state: [2], pods: [20], rationed: [5] },
};

it("a delta changes what it names", () => {
  const after = summaryAfter(whole, delta);
  expect([after?.strip.conflicts, after?.cells.price[3], after?.cells.price[4]]).toEqual([
    0,
    9.5,
    whole.cells.price[4],
  ]);
});

it("a delta that does not follow, or follows nothing, asks for the whole", () => {
  expect(summaryAfter(whole, { ...delta, seq: whole.seq + 2 })).toBeNull();
  expect(summaryAfter(null, delta)).toBeNull();
  expect(summaryAfter(null, whole)).toBe(whole);
});

it("decisions are kept once, the newest first, and not without end", () => {
  const decision = (id: number): Parameters<typeof decisionsAfter>[1] => ({
    id,
    atMs: id,
    part: "market",
    kind: "Pod",
    namespace: "shop",
    name: "cart-0",
    verdict: "MarketResized",
    reason: "",
    leftOut: 0,
  });
  let decisions = decisionsAfter([], decision(1));
  expect(decisionsAfter(decisions, decision(1))).toBe(decisions);
  for (let id = 2; id <= 150; id += 1) decisions = decisionsAfter(decisions, decision(id));
  expect([decisions.length, decisions[0]?.id, decisions.at(-1)?.id]).toEqual([100, 150, 51]);
});
