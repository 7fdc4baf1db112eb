import { expect, it } from "vitest";

import { scarceNode, summaryFixture, unknownNode } from "../testing/cluster.ts";

import { filtered, heatOf, naturalKey, ordered, rowsByName, stateName, unknownState } from "./cells.ts";

const { cells } = summaryFixture();
const byName = rowsByName(cells.node);
const names = (rows: readonly number[]): readonly (string | undefined)[] => rows.map((row) => cells.node[row]);

it("names are in the order in which people count, and empty rows are none", () => {
  expect(["node-10", "node-2", "node-1a"].toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual([
    "node-1a",
    "node-2",
    "node-10",
  ]);
  expect(rowsByName(["b", "", "a"])).toEqual([2, 0]);
});

it("nodes are by name, by price, by use; what is not known comes last, and ties are by name", () => {
  expect(ordered(cells, byName, "name")).toBe(byName);
  const prices = ordered(cells, byName, "price").map((row) => cells.price[row] ?? 0);
  expect(prices).toEqual(prices.toSorted((a, b) => b - a));
  expect(names(ordered(cells, byName, "used").slice(-2))).toEqual([unknownNode, "worker-d-30"]);
});

it("a filter asks for names, states and numbers", () => {
  expect(filtered(cells, byName, " ")).toBe(byName);
  expect(names(filtered(cells, byName, "state:unknown"))).toEqual([unknownNode, "worker-d-30"]);
  expect(names(filtered(cells, byName, "worker-b price>4"))).toContain(scarceNode);
  expect(filtered(cells, byName, "rationed>0").every((row) => (cells.price[row] ?? 0) > 0)).toBe(true);
});

it("colours go by the price, and what is not known has none of them", () => {
  expect([0, 0.2, 0.5, 0.7, 1.5, 4.976, 10, 1e6].map((price) => heatOf(price, 0))).toEqual([0, 1, 1, 2, 3, 4, 5, 6]);
  expect(heatOf(0, unknownState)).toBeNull();
  expect([0, 3, 9].map(stateName)).toEqual(["uncongested", "unknown", "unknown"]);
});
