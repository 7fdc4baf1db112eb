import { type Cell, cellAt, emptyCell, writeCell } from "./cells.ts";
import type { DashboardSummary, SummaryCells, SummaryDelta } from "./summary.ts";

/** What a delta may come to, and what is not worth telling. */
export interface DeltaBounds {
  /** Cells of one delta: about 12 bytes each. */
  readonly mostCells: number;
  /** Use that has moved by less than so many percent of the node is told later, or not at all. */
  readonly leastUsedPercent: number;
  /** The same of prices, as a fraction of the one that was told. */
  readonly leastPriceFraction: number;
  /** A small change is told all the same once it has stood for so many deltas. */
  readonly settledAfter: number;
}

/** 2,000 cells of about 14 bytes, and the strip: 30 kB a second at most. */
export const deltaBounds: DeltaBounds = {
  mostCells: 2_000,
  leastUsedPercent: 3,
  leastPriceFraction: 0.1,
  settledAfter: 15,
};

/**
 * Summaries as one whole and the deltas that follow it. It keeps what it has
 * told, which is the same for everybody: who comes later begins with that.
 */
export class DeltaWriter {
  readonly #bounds: DeltaBounds;
  #told: DashboardSummary;
  readonly #rows = new Map<string, number>();
  /** Rows whose node has left. */
  readonly #empty: number[] = [];
  /** By row: deltas since a small change has not been told. */
  readonly #untold: number[] = [];

  /** @param first what is told at the beginning, whatever its seq */
  constructor(first: DashboardSummary, bounds: DeltaBounds = deltaBounds) {
    this.#bounds = bounds;
    this.#told = { ...first, cells: structuredClone(first.cells) };
    first.cells.node.forEach((node, row) => this.#rows.set(node, row));
  }

  /** What everybody has been told so far, as it will not change: where a stream begins. */
  whole(): DashboardSummary {
    return { ...this.#told, cells: structuredClone(this.#told.cells) };
  }

  /** What is to be told of the summary as it is now; its own rows may be in any order. */
  next(now: Omit<DashboardSummary, "kind" | "seq">): SummaryDelta {
    const nodes = this.#seat(now.cells);
    const cells = this.#changed(now.cells);
    const { atMs, leader, leaderName, strip } = now;
    const seq = this.#told.seq + 1;
    this.#told = { ...this.#told, seq, atMs, leader, leaderName, strip };
    return { kind: "delta", seq, atMs, leader, leaderName, strip, nodes, cells };
  }

  /** Rows for nodes that are new, and none for those that have left. */
  #seat({ node }: SummaryCells): SummaryDelta["nodes"] {
    const moved: SummaryDelta["nodes"] = [];
    const here = new Set(node);
    for (const [name, row] of this.#rows) {
      if (here.has(name)) continue;
      this.#rows.delete(name);
      this.#empty.push(row);
      moved.push(this.#sit(row, ""));
    }
    for (const name of node) {
      if (this.#rows.has(name)) continue;
      const row = this.#empty.pop() ?? this.#told.cells.node.length;
      this.#rows.set(name, row);
      moved.push(this.#sit(row, name));
    }
    return moved;
  }

  #sit(row: number, name: string): [number, string] {
    writeCell(this.#told.cells, row, emptyCell);
    this.#told.cells.node[row] = name;
    this.#untold[row] = 0;
    return [row, name];
  }

  #changed(now: SummaryCells): SummaryDelta["cells"] {
    const changes = now.node.flatMap((name, index) => this.#changeOf(now, index, this.#rows.get(name) ?? 0));
    const most = changes.toSorted((one, other) => other.weight - one.weight).slice(0, this.#bounds.mostCells);
    const delta: SummaryDelta["cells"] = { row: [], price: [], used: [], state: [], pods: [], rationed: [] };
    let before = 0;
    for (const { row, cell } of most.toSorted((one, other) => one.row - other.row)) {
      writeCell(this.#told.cells, row, cell);
      this.#untold[row] = 0;
      writeCell(delta, delta.row.length, cell);
      delta.row.push(row - before);
      before = row;
    }
    return delta;
  }

  #changeOf(now: SummaryCells, index: number, row: number): Change[] {
    const cell = cellAt(now, index);
    const told = cellAt(this.#told.cells, row);
    const weight = weightOf(cell, told, this.#bounds);
    if (weight === 0) {
      this.#untold[row] = 0;
      return [];
    }
    const waited = (this.#untold[row] ?? 0) + 1;
    this.#untold[row] = waited;
    // What had to wait weighs more each time, so that nothing waits for ever.
    if (weight >= 1) return [{ row, cell, weight: weight + waited }];
    return waited >= this.#bounds.settledAfter ? [{ row, cell, weight: waited - this.#bounds.settledAfter }] : [];
  }
}

interface Change {
  readonly row: number;
  readonly cell: Cell;
  readonly weight: number;
}

/** A node that comes to stand otherwise is told before all that only moves. */
const heavy = 100;

/** How much of a change it is: 0 none, from 1 on one worth telling at once. */
function weightOf(now: Cell, told: Cell, { leastUsedPercent, leastPriceFraction }: DeltaBounds): number {
  if (now.state !== told.state || (now.used === null) !== (told.used === null)) return heavy;
  const used = Math.abs((now.used ?? 0) - (told.used ?? 0)) / leastUsedPercent;
  const scale = Math.max(told.price, now.price) || 1;
  const price = Math.abs(now.price - told.price) / scale / leastPriceFraction;
  const counts = now.pods === told.pods && now.rationed === told.rationed ? 0 : 1;
  return used + price + counts;
}
