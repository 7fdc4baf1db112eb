import { cellAt, emptyCell, writeCell } from "./cells.ts";
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
  for (const [row, node] of delta.nodes) {
    // A node that is new is not known before its cell comes, which is in the same delta where there is room.
    writeCell(cells, row, emptyCell);
    cells.node[row] = node;
  }
  let row = 0;
  delta.cells.row.forEach((distance, index) => {
    row += distance;
    writeCell(cells, row, cellAt(delta.cells, index));
  });
  const { seq, atMs, leader, leaderName, strip } = delta;
  return { ...summary, seq, atMs, leader, leaderName, strip, cells };
}

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
