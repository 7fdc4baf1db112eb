/** How equal squares fill a width: lengths in CSS pixels. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Of a square with the gap that follows it. */
  readonly pitch: number;
  readonly gap: number;
  readonly height: number;
}

const leastPitch = 6;
const mostPitch = 34;

/** The largest squares of which `count` fit a width, in at most `mostHeight` where they need not be smaller than six pixels. */
export function gridOf(count: number, width: number, mostHeight: number): Grid {
  let pitch = mostPitch;
  while (pitch > leastPitch && Math.ceil(count / columnsOf(width, pitch)) * pitch > mostHeight) pitch -= 1;
  const columns = columnsOf(width, pitch);
  const rows = Math.ceil(count / columns);
  return { columns, rows, pitch, gap: pitch > 10 ? 2 : 1, height: rows * pitch };
}

function columnsOf(width: number, pitch: number): number {
  return Math.max(1, Math.floor(width / pitch));
}

/** Which square a point is in; null: none. */
export function squareAt({ columns, pitch }: Grid, count: number, x: number, y: number): number | null {
  const column = Math.floor(x / pitch);
  const index = Math.floor(y / pitch) * columns + column;
  return x >= 0 && y >= 0 && column < columns && index < count ? index : null;
}

export type Direction = "up" | "down" | "left" | "right";

/** The square beside another; at an edge it stays. */
export function beside({ columns }: Grid, count: number, index: number, direction: Direction): number {
  const step = { up: -columns, down: columns, left: -1, right: 1 }[direction];
  const next = index + step;
  return next >= 0 && next < count ? next : index;
}
