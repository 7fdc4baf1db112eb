import type { SummaryCells } from "./summary.ts";

/** All of a row but its node. */
export interface Cell {
  readonly price: number;
  readonly used: number | null;
  readonly state: number;
  readonly pods: number;
  readonly rationed: number;
}

/** Cells, a column a property. */
type Columns = Pick<SummaryCells, keyof Cell>;

/** Index of "unknown" in nodeStates. */
const unknownState = 3;

/** Of a row without a node, or of one of which nothing was told yet. */
export const emptyCell: Cell = { price: 0, used: null, state: unknownState, pods: 0, rationed: 0 };

export function cellAt({ price, used, state, pods, rationed }: Columns, index: number): Cell {
  return {
    price: price[index] ?? emptyCell.price,
    used: used[index] ?? emptyCell.used,
    state: state[index] ?? emptyCell.state,
    pods: pods[index] ?? emptyCell.pods,
    rationed: rationed[index] ?? emptyCell.rationed,
  };
}

export function writeCell(columns: Columns, index: number, { price, used, state, pods, rationed }: Cell): void {
  columns.price[index] = price;
  columns.used[index] = used;
  columns.state[index] = state;
  columns.pods[index] = pods;
  columns.rationed[index] = rationed;
}
