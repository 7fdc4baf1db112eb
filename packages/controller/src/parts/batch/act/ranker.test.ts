import { silentLogger } from "@walras/kit";
import type { Write } from "@walras/kube";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Slot } from "../decide/slot.ts";
import { labelsOf, rankFree, type RankLabels } from "../decide/rank.ts";
import { Ranker, rankLabel, slotLabel } from "./ranker.ts";

const slot = (node: string, busyFraction: number | null, state: Slot["state"] = "free"): Slot => ({
  node,
  busyFraction,
  state,
  detail: "",
});

describe("ranking", () => {
  it("puts the node with most free CPU first, and those without room nowhere", () => {
    const slots = [
      slot("a", 0.5),
      slot("b", 0.1),
      slot("c", 0.3),
      slot("hot", 0.9, "busy"),
      slot("mute", null, "unknown"),
    ];
    expect(rankFree(slots, [])).toEqual(["b", "c", "a"]);
    expect(Object.fromEntries(labelsOf(slots, ["b", "c", "a"]))).toEqual({
      b: { slot: "slot-1", rank: "1" },
      c: { slot: "slot-2", rank: "2" },
      a: { slot: "slot-3", rank: "3" },
      hot: { slot: undefined, rank: "9999" },
      mute: { slot: undefined, rank: "9999" },
    });
  });

  it("keeps the order while nodes differ little, and changes it when they differ much", () => {
    expect(rankFree([slot("a", 0.34), slot("b", 0.3)], ["a", "b"])).toEqual(["a", "b"]);
    expect(rankFree([slot("a", 0.36), slot("b", 0.3)], ["a", "b"])).toEqual(["b", "a"]);
    expect(rankFree([slot("a", 0.36), slot("b", 0.3)], ["b", "a"])).toEqual(["b", "a"]);
  });

  it("names each free node once, and settles: ranking again changes nothing", () => {
    const nodes = fc.uniqueArray(
      fc.record({ node: fc.stringMatching(/^[a-z]{1,4}$/), busy: fc.double({ min: 0, max: 0.69, noNaN: true }) }),
      { selector: ({ node }) => node },
    );
    fc.assert(
      fc.property(nodes, fc.array(fc.stringMatching(/^[a-z]{1,4}$/)), (given, before) => {
        const slots = given.map(({ node, busy }) => slot(node, busy));
        const order = rankFree(slots, [...new Set(before)]);
        expect(order.toSorted()).toEqual(given.map(({ node }) => node).toSorted());
        expect(rankFree(slots, order)).toEqual(order);
      }),
    );
  });
});

describe("the ranker", () => {
  it("writes what differs, removes ours from nodes that take no jobs, and leaves the rest alone", async () => {
    const written = new Map<string, RankLabels | null>();
    const writes: Write[] = [];
    const labels: Record<string, Record<string, string>> = {
      a: { [rankLabel]: "1", [slotLabel]: "slot-1" },
      b: { [rankLabel]: "1", [slotLabel]: "slot-1" },
      gone: { [rankLabel]: "7" },
      never: {},
    };
    const ranker = new Ranker({
      slots: () => [slot("a", 0.1), slot("b", 0.5), slot("gone", 0.1, "ineligible"), slot("never", 0.1, "ineligible")],
      labels: (node) => labels[node]!,
      port: { write: (node, wanted) => Promise.resolve(void written.set(node, wanted)) },
      enqueue: (write) => writes.push(write),
      logger: silentLogger,
    });
    ranker.rank();
    for (const { write } of writes) await write();
    expect(Object.fromEntries(written)).toEqual({ b: { slot: "slot-2", rank: "2" }, gone: null });
  });
});
