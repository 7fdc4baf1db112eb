import type { SummaryCells } from "@walras/api";

import { type Filterable, filterOf } from "./filter.ts";

/** Index into `nodeStates`, as cells count them. */
const stateNames = ["uncongested", "congested", "overloaded", "unknown"] as const;

export const unknownState = 3;

export const orders = ["name", "price", "used"] as const;

/** By what nodes are put in order; ties are by name. */
export type Order = (typeof orders)[number];

export function stateName(state: number): (typeof stateNames)[number] {
  return stateNames[state] ?? "unknown";
}

/** Names so that those with numbers sort as people count: node-2 before node-10. */
export function naturalKey(name: string): string {
  return name.replaceAll(/\d+/g, (number) => number.padStart(9, "0"));
}

/** The rows that have a node, by name. Made anew only when nodes come or go: names are costly to compare. */
export function rowsByName(nodes: readonly string[]): readonly number[] {
  const keys = nodes.map(naturalKey);
  return [...nodes.keys()].filter((row) => nodes[row] !== "").toSorted((a, b) => compare(keys[a] ?? "", keys[b] ?? ""));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** @param byName {@link rowsByName} of the same cells; the sort is stable, so ties stay by name */
export function ordered(cells: SummaryCells, byName: readonly number[], order: Order): readonly number[] {
  if (order === "name") return byName;
  const column: readonly (number | null)[] = order === "price" ? cells.price : cells.used;
  return byName.toSorted((a, b) => (column[b] ?? -1) - (column[a] ?? -1));
}

export function filtered(cells: SummaryCells, rows: readonly number[], filter: string): readonly number[] {
  if (filter.trim() === "") return rows;
  const meets = filterOf(filter);
  return rows.filter((row) => meets(filterable(cells, row)));
}

function filterable(cells: SummaryCells, row: number): Filterable {
  return {
    text: cells.node[row] ?? "",
    words: { state: stateName(cells.state[row] ?? unknownState) },
    numbers: {
      price: cells.price[row] ?? null,
      used: cells.used[row] ?? null,
      pods: cells.pods[row] ?? null,
      rationed: cells.rationed[row] ?? null,
    },
  };
}

/** Bounds of the colours: a price up to the first is the second colour, and so on; 0 is the first. */
export const priceSteps = [0.5, 1, 2, 5, 10] as const;

/** Of a node on the map: 0 to 6 by price; null: it is not known. */
export function heatOf(price: number, state: number): number | null {
  if (state === unknownState) return null;
  if (price <= 0) return 0;
  const step = priceSteps.findIndex((bound) => price <= bound);
  return step < 0 ? priceSteps.length + 1 : step + 1;
}
