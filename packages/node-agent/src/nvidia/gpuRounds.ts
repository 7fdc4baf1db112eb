import type { GpuRow } from "./gpuRow.ts";

/** More GPUs than a machine has: what goes on longer is not a round. */
const mostRows = 128;

/**
 * Puts the rows of a loop together to rounds, one row a GPU. Nothing is written
 * between two rounds: one ends with as many rows as there are GPUs, or, where
 * a GPU has no row, when one comes a second time.
 */
export class GpuRounds {
  #rows: GpuRow[] = [];
  readonly #names = new Set<string>();

  /** @returns the round that this row ends; null where none does */
  add(row: GpuRow): readonly GpuRow[] | null {
    const name = row.uuid ?? row.pciBusId ?? String(row.index);
    const ended = this.#names.has(name) ? this.#take() : null;
    this.#names.add(name);
    this.#rows.push(row);
    if (ended !== null) return ended;
    return this.#rows.length >= (row.count || mostRows) ? this.#take() : null;
  }

  #take(): readonly GpuRow[] {
    const rows = this.#rows;
    this.#rows = [];
    this.#names.clear();
    return rows;
  }
}
