import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { clockText, orUnknown } from "../state/format.ts";
import type { Columns } from "../state/timeline.ts";

import { coloursOf } from "./colours.ts";
import { useModel } from "./context.ts";
import { useWidth } from "./HeatMap.tsx";

export interface Line {
  readonly label: string;
  /** A property of the style. */
  readonly colour: string;
  readonly dashed?: boolean;
  readonly steps?: boolean;
}

interface ChartProps {
  readonly title: string;
  readonly columns: Columns;
  readonly lines: readonly Line[];
  readonly height: number;
  readonly text: (value: number) => string;
  /** Moments that are marked by a line, in milliseconds. */
  readonly marks: readonly number[];
  /** Of these the one that is looked at; −1: none. */
  readonly marked: number;
}

/** Charts of one key share the cursor in time. */
const shared = "pod";

/** Lines over time; what they show is told in words beside them. */
export function Chart(props: ChartProps): JSX.Element {
  const model = useModel();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const width = useWidth(box);
  const theme = model.theme.value;
  useLayoutEffect(() => {
    if (box.current === null || width === 0) return undefined;
    const made = new uPlot(optionsOf(box.current, width, latest), latest.current.columns, box.current);
    plot.current = made;
    return () => made.destroy();
  }, [width, theme]);
  useLayoutEffect(() => {
    if (plot.current !== null) renew(plot.current, props.columns);
  }, [props.columns]);
  useLayoutEffect(() => plot.current?.redraw(false), [props.marked]);
  return (
    <figure class="chart" aria-label={props.title}>
      <h3>{props.title}</h3>
      <div ref={box} />
    </figure>
  );
}

/** Who looks at a part of the time goes on to. */
function renew(plot: uPlot, columns: Columns): void {
  const [before] = plot.data;
  const { min, max } = plot.scales["x"] ?? {};
  const isWhole = min === before[0] && max === before.at(-1);
  plot.setData(columns, isWhole);
  if (!isWhole) plot.redraw();
}

function optionsOf(box: HTMLElement, width: number, latest: { readonly current: ChartProps }): uPlot.Options {
  const { lines, height, text } = latest.current;
  const [ink = "", grid = "", ...colours] = coloursOf(box, ["--muted", "--line", ...lines.map(({ colour }) => colour)]);
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return {
    width,
    height,
    cursor: { sync: { key: shared }, drag: { x: true, y: false } },
    legend: { live: true },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(most * 1.08, 0.01)] } },
    axes: [
      { ...axis, values: (_plot, values) => values.map(timeText) },
      { ...axis, size: 64, values: (_plot, values) => values.map((value) => text(value)) },
    ],
    series: [
      { value: (_plot, seconds: number | null) => (seconds === null ? "" : timeText(seconds)) },
      ...lines.map((line, index) => seriesOf(line, colours[index] ?? ink, text)),
    ],
    hooks: { draw: [(plot) => drawMarks(plot, latest.current, ink)] },
  };
}

function timeText(seconds: number): string {
  return clockText(seconds * 1000);
}

function seriesOf({ label, dashed, steps }: Line, stroke: string, text: (value: number) => string): uPlot.Series {
  const { stepped } = uPlot.paths;
  return {
    label,
    stroke,
    width: 1.5,
    points: { show: false },
    ...(dashed ? { dash: [6, 4] } : {}),
    ...(steps && stepped ? { paths: stepped({ align: 1 }) } : {}),
    // Without a cursor there is no moment of which something could be unknown.
    value: (_plot, value: number | null, _series, at) => (at === null ? "" : orUnknown(value, text)),
  };
}

function drawMarks(plot: uPlot, { marks, marked }: ChartProps, colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  marks.forEach((atMs, index) => {
    const x = plot.valToPos(atMs / 1000, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.globalAlpha = index === marked ? 1 : 0.35;
    ctx.lineWidth = (index === marked ? 2 : 1) * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  });
  ctx.restore();
}
