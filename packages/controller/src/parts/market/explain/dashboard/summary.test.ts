import { dashboardNode, nodeStates, summaryCells, summaryStrip } from "@walras/api";
import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { nodeMarket } from "./nodeMarket.ts";
import { marketSummary } from "./summary.ts";
import { aTarget, madeUpMarket } from "./testing.ts";

const made = (nodes = 2, podsPerNode = 3): ReturnType<typeof madeUpMarket> =>
  madeUpMarket({ nodes, podsPerNode, clock: new VirtualClock() });

describe("the market in sums", () => {
  it("adds up nodes and their pods, and what they cost", () => {
    const { strip, cells } = marketSummary(made().sight, 0.04);
    expect(summaryStrip.parse(strip)).toEqual({
      throttledSecondsPerMinute: 12,
      allocatableMilli: 62_000,
      promisedMilli: 600,
      usedMilli: 32_000,
      rationedPods: 0,
      pods: 6,
      nodes: 2,
      unknownNodes: 0,
      conflicts: 0,
      declaredMilli: 1_200,
      requestedMilli: 600,
      recommendedMilli: 480,
      coreHourPrice: 0.04,
      promisedPerMonth: 17.52,
      savedPerMonth: 17.52,
      offeredPerMonth: 3.5,
    });
    expect(summaryCells.parse(cells)).toEqual({
      node: ["node-0", "node-1"],
      price: [0, 0],
      used: [50, 50],
      state: [0, 0],
      pods: [3, 3],
      rationed: [0, 0],
    });
  });

  it("takes a silent node for unknown, and not for idle", () => {
    const market = made();
    market.silence(1);
    const { strip, cells } = marketSummary(market.sight, 0.04);
    expect(strip).toMatchObject({ usedMilli: 16_000, unknownNodes: 1, throttledSecondsPerMinute: 6 });
    expect(cells.used).toEqual([50, null]);
    expect(nodeStates[cells.state[1] ?? 0]).toBe("unknown");
    market.silence(0);
    expect(marketSummary(market.sight, 0.04).strip).toMatchObject({ usedMilli: null, throttledSecondsPerMinute: null });
  });

  it("tells the price to three digits, and an infinite one as the highest", () => {
    const market = made();
    market.decideAnew(0, { mode: "congested", limitPrice: 0.0123456 });
    market.decideAnew(1, { mode: "overloaded", limitPrice: Infinity });
    expect(marketSummary(market.sight, 0.04).cells).toMatchObject({ price: [12.3, 1e6], state: [1, 2] });
  });
});

describe("a node's market", () => {
  it("is who wants, is guaranteed and pays", () => {
    const market = made(1, 2);
    const rationed = aTarget("node-0-pod-1", { rationMilli: 100, binding: "Capacity" });
    market.decideAnew(0, { mode: "congested", limitPrice: 0.02, targets: [aTarget("node-0-pod-0"), rationed] });
    const node = dashboardNode.parse(nodeMarket("node-0", market.sight));
    expect(node).toMatchObject({
      state: "congested",
      unknownBecause: null,
      cpuMilli: 32_000,
      allocatableMilli: 31_000,
      promisedMilli: 200,
      usedMilli: 16_000,
      price: 20,
      podsLeftOut: 0,
    });
    expect(node.pods.find(({ name }) => name === "node-0-pod-1")).toMatchObject({
      wantsMilli: 150,
      guaranteedMilli: 50,
      usedMilli: 50,
      requestMilli: 100,
      limitMilli: 200,
      weight: 1,
      // 0.02 × (100 − 50): the whole of its weight, since it could use more.
      pays: 1,
      binding: "Capacity",
      standing: "settled",
    });
    expect(node.pods.find(({ name }) => name === "node-0-pod-0")).toMatchObject({ pays: 2, binding: "Need" });
  });

  it("has no numbers of a pod that is held, and says why its node is unknown", () => {
    const market = made(1, 1);
    market.decideAnew(0, { targets: [aTarget("node-0-pod-0", { binding: "Held" })] });
    market.silence(0);
    const node = dashboardNode.parse(nodeMarket("node-0", market.sight));
    expect(node).toMatchObject({ state: "unknown", usedMilli: null, unknownBecause: "its agent was heard 3600 s ago" });
    expect(node.pods).toMatchObject([
      { wantsMilli: null, guaranteedMilli: null, weight: null, pays: null, binding: "Held" },
    ]);
  });

  it("has at most so many pods, and counts the others", () => {
    const node = nodeMarket("node-0", made(1, 510).sight);
    expect([node?.pods.length, node?.podsLeftOut]).toEqual([500, 10]);
  });

  it("is none of a node that there is not", () => {
    expect(nodeMarket("nope", made().sight)).toBeNull();
  });
});
