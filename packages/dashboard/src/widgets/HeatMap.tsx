import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { type Grid, gridOf, squareAt } from "../state/grid.ts";

import { useModel } from "./context.ts";
import { paint } from "./paint.ts";
import type { Cursor } from "./useList.ts";

interface HeatMapProps {
  readonly label: string;
  readonly count: number;
  /** Index of its colour; null: it is not known. */
  heatOf(index: number): number | null;
  /** Said of the square that the cursor is on. */
  readonly textOf: (index: number) => string;
  readonly cursor: Cursor;
  open(index: number): void;
  /** The squares' colours, as properties of the style. */
  readonly colours: readonly string[];
  readonly unknownColour: string;
  /** How its squares lie now. */
  readonly grid: { current: Grid };
}

const mostHeight = 460;

/** Squares on a canvas: thousands cost no more than one element. To a screen reader it is a list of which one item is there. */
export function HeatMap(props: HeatMapProps): JSX.Element {
  const { cursor, count, grid } = props;
  const model = useModel();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const theme = model.theme.value;
  useLayoutEffect(() => {
    grid.current = gridOf(count, width, mostHeight);
    if (canvas.current === null || width === 0) return;
    paint(canvas.current, grid.current, width, props);
    tellShown();
  }, [props, width, theme, grid, count]);
  const at = ({ offsetX, offsetY }: MouseEvent): number | null => squareAt(grid.current, count, offsetX, offsetY);
  return (
    <div
      ref={box}
      class="map"
      id={cursor.idOf(cursor.index)}
      role="listbox"
      tabIndex={0}
      aria-label={props.label}
      aria-activedescendant="square"
    >
      <Square {...props} />
      <canvas
        ref={canvas}
        aria-hidden="true"
        onMouseMove={(event) => hover(event, at(event), props)}
        onClick={(event) => {
          const index = at(event);
          if (index !== null) props.open(index);
        }}
      />
    </div>
  );
}

/** The one that the cursor is on, in words. */
function Square({ cursor: { index }, count, textOf }: HeatMapProps): JSX.Element {
  return (
    <div
      role="option"
      id="square"
      class="hidden-text"
      aria-selected="true"
      aria-posinset={index + 1}
      aria-setsize={count}
    >
      {index < 0 ? "none" : textOf(index)}
    </div>
  );
}

function hover(event: MouseEvent, index: number | null, { cursor }: HeatMapProps): void {
  (event.currentTarget as HTMLElement).title = "";
  if (index !== null && index !== cursor.index) cursor.choose(index, false);
}

/** For who measures: the frame after the first one that was drawn. */
let isShown = false;
function tellShown(): void {
  if (isShown) return;
  isShown = true;
  requestAnimationFrame(() => performance.mark("walras:shown"));
}

/** The width of an element, as it changes. */
export function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    setWidth(current.clientWidth);
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
