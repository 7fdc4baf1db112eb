/**
 * Solves a small system by Gaussian elimination with partial pivoting.
 *
 * @returns null where the matrix is singular
 */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    if (!pivot(rows, column)) return null;
    eliminate(rows, column);
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

/** Brings the greatest of a column up; false: there is none. */
function pivot(rows: number[][], column: number): boolean {
  const size = (row: number): number => Math.abs(rows[row]?.[column] ?? 0);
  let best = column;
  for (let row = column + 1; row < rows.length; row += 1) if (size(row) > size(best)) best = row;
  const [upper, lower] = [rows[column], rows[best]];
  if (upper === undefined || lower === undefined || size(best) < 1e-300) return false;
  rows[column] = lower;
  rows[best] = upper;
  return true;
}

function eliminate(rows: readonly number[][], column: number): void {
  const top = rows[column] ?? [];
  for (const [index, row] of rows.entries()) {
    if (index === column) continue;
    const factor = (row[column] ?? 0) / (top[column] ?? 1);
    for (let at = column; at < row.length; at += 1) row[at] = (row[at] ?? 0) - factor * (top[at] ?? 0);
  }
}

/** The diagonal of a matrix's inverse; null where it has none. */
export function inverseDiagonal(matrix: readonly (readonly number[])[]): number[] | null {
  const diagonal: number[] = [];
  for (const index of matrix.keys()) {
    const column = solve(
      matrix,
      matrix.map((_, row) => (row === index ? 1 : 0)),
    );
    if (column === null) return null;
    diagonal.push(column[index] ?? NaN);
  }
  return diagonal;
}
