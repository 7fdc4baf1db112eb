import type { DashboardSummary, SummaryCells, SummaryDelta } from "./summary.ts";

/**
 * The summary after a delta; the arguments stay as they are. It needs nothing of
 * this package at run time, so that a page may have it without the schemas.
 *
 * @returns null where the delta does not follow: the whole is to be asked for anew
 */
export function applyDelta(summary: DashboardSummary, delta: SummaryDelta): DashboardSummary | null {
  if (delta.seq !== summary.seq + 1) return null;
  const cells = copyOf(summary.cells);
  for (const [row, node] of delta.nodes) setNode(cells, row, node);
  let row = 0;
  delta.cells.row.forEach((distance, index) => {
    row += distance;
    cells.price[row] = delta.cells.price[index] ?? 0;
    cells.used[row] = delta.cells.used[index] ?? null;
    cells.state[row] = delta.cells.state[index] ?? unknownState;
    cells.pods[row] = delta.cells.pods[index] ?? 0;
    cells.rationed[row] = delta.cells.rationed[index] ?? 0;
  });
  const { seq, atMs, leader, leaderName, strip } = delta;
  return { ...summary, seq, atMs, leader, leaderName, strip, cells };
}

/** Index of "unknown" in nodeStates. */
const unknownState = 3;

function copyOf({ node, price, used, state, pods, rationed }: SummaryCells): SummaryCells {
  return {
    node: [...node],
    price: [...price],
    used: [...used],
    state: [...state],
    pods: [...pods],
    rationed: [...rationed],
  };
}

/** A node that is new is not known before its cell comes, which is in the same delta where there is room. */
function setNode(cells: SummaryCells, row: number, node: string): void {
  cells.node[row] = node;
  cells.price[row] = 0;
  cells.used[row] = null;
  cells.state[row] = unknownState;
  cells.pods[row] = 0;
  cells.rationed[row] = 0;
}
