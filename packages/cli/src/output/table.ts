import { type Colour, painted, type Screen } from "./screen.ts";

/** One column of a table. */
export interface Column<Row> {
  readonly head: string;
  readonly of: (row: Row) => string;
  /** Numbers stand at the right. */
  readonly right?: true;
  /** Where the terminal is narrow it gives way, down to a few letters. */
  readonly gives?: true;
  readonly colour?: (row: Row) => Colour | undefined;
}

const gap = "  ";
const leastWidth = 6;

/** Rows in columns as wide as they need, and never wider than the screen. */
export function tableText<Row>(columns: readonly Column<Row>[], rows: readonly Row[], screen: Screen): string {
  const cells = rows.map((row) => columns.map(({ of }) => of(row)));
  const widths = fitted(columns, naturalWidths(columns, cells), screen.width);
  const lines = rows.map((row, index) => {
    const told = columns.map((column, at) => {
      const text = celled(cells[index]?.[at] ?? "", widths[at] ?? 0, column, at === columns.length - 1);
      return painted(text, column.colour?.(row), screen);
    });
    return told.join(gap);
  });
  const head = columns.map((column, at) => celled(column.head, widths[at] ?? 0, column, at === columns.length - 1));
  return [head.join(gap), ...lines].map((line) => `${line}\n`).join("");
}

function naturalWidths<Row>(columns: readonly Column<Row>[], cells: readonly (readonly string[])[]): number[] {
  return columns.map(({ head }, at) =>
    cells.reduce((most, row) => Math.max(most, (row[at] ?? "").length), head.length),
  );
}

/** The widest of those that give way gives first; where that does not do, all others give too. */
function fitted<Row>(columns: readonly Column<Row>[], natural: readonly number[], most: number): readonly number[] {
  const widths = [...natural];
  const excess = (): number => widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - most;
  const shrink = (may: (at: number) => boolean, least: number): void => {
    while (excess() > 0) {
      const at = widestOf(widths, may);
      if (at < 0 || (widths[at] ?? 0) <= least) return;
      widths[at] = (widths[at] ?? 0) - 1;
    }
  };
  if (most === Infinity) return widths;
  shrink((at) => columns[at]?.gives === true, leastWidth);
  shrink(() => true, 1);
  return widths;
}

/** @returns -1: none may */
function widestOf(widths: readonly number[], may: (at: number) => boolean): number {
  return widths.reduce((best, width, at) => (may(at) && (best < 0 || width > (widths[best] ?? 0)) ? at : best), -1);
}

function celled<Row>(text: string, width: number, { right }: Column<Row>, isLast: boolean): string {
  const shown = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  if (right) return shown.padStart(width);
  return isLast ? shown : shown.padEnd(width);
}
