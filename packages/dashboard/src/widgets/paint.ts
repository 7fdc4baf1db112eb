import type { Grid } from "../state/grid.ts";

import { coloursOf } from "./colours.ts";

/** What is painted: see HeatMap. */
interface Painted {
  readonly count: number;
  heatOf(index: number): number | null;
  readonly cursor: { readonly index: number };
  readonly colours: readonly string[];
  readonly unknownColour: string;
}

/** Draws all squares anew: some milliseconds for 5,000. */
export function paint(canvas: HTMLCanvasElement, grid: Grid, width: number, painted: Painted): void {
  const ratio = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(grid.height * ratio));
  canvas.style.height = `${grid.height}px`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  const colours = coloursOf(canvas, [...painted.colours, painted.unknownColour, "--ink"]);
  const unknownAt = painted.colours.length;
  // By colour: a change of it is what costs.
  const byColour = new Map<number, number[]>();
  for (let index = 0; index < painted.count; index += 1) {
    const heat = painted.heatOf(index) ?? unknownAt;
    const squares = byColour.get(heat);
    if (squares === undefined) byColour.set(heat, [index]);
    else squares.push(index);
  }
  for (const [heat, squares] of byColour) {
    context.fillStyle = colours[heat] ?? "";
    for (const index of squares) square(context, grid, index, heat === unknownAt);
  }
  mark(context, grid, painted.cursor.index, colours[unknownAt + 1] ?? "");
}

/** What is not known is drawn hollow: not by its colour alone. */
function square(context: CanvasRenderingContext2D, grid: Grid, index: number, isHollow: boolean): void {
  const { x, y, size } = placeOf(grid, index);
  context.fillRect(x, y, size, size);
  if (isHollow && size > 3) context.clearRect(x + 1.5, y + 1.5, size - 3, size - 3);
}

function mark(context: CanvasRenderingContext2D, grid: Grid, index: number, colour: string): void {
  if (index < 0) return;
  const { x, y, size } = placeOf(grid, index);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(x + 1, y + 1, size - 2, size - 2);
}

function placeOf(
  { columns, pitch, gap }: Grid,
  index: number,
): { readonly x: number; readonly y: number; readonly size: number } {
  return { x: (index % columns) * pitch, y: Math.floor(index / columns) * pitch, size: pitch - gap };
}
