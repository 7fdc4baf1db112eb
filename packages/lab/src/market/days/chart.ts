import type { Outcome } from "./tally.ts";

const size = { width: 900, height: 460 };
const plot = { left: 70, right: 230, top: 44, bottom: 56 };
const colours = { ground: "#16181d", text: "#d6d9df", faint: "#3a3f48", peer: "#e3b341", ours: "#58c7f3" };
/** Powers of ten of the share. Less stands on the axis: the picture's zero. */
const decades = { least: -5, most: 0 };
const lineHeight = 17;
const labelX = size.width - plot.right + 14;

/** Node-hours against starvation, both logarithmic, one point a rule; down and left is better. */
export function chart(outcomes: readonly Outcome[], title: string, isOurs: (rule: string) => boolean): string {
  const x = hourScale(outcomes.map(({ nodeHours }) => nodeHours));
  const points = outcomes.map(({ rule, nodeHours, starvedMinutes, podMinutes }) => ({
    rule,
    colour: isOurs(rule) ? colours.ours : colours.peer,
    x: x.of(nodeHours),
    y: yOf(starvedMinutes / podMinutes),
  }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${title}</title>`,
    `<rect width="${size.width}" height="${size.height}" rx="8" fill="${colours.ground}"/>`,
    text({ x: plot.left, y: 26 }, title),
    ...shareAxis(),
    ...x.ticks.map((hours) => text({ x: x.of(hours), y: size.height - plot.bottom + 20 }, String(hours), "middle")),
    text(
      { x: plot.left, y: size.height - 14 },
      "node-hours; upwards: pod-minutes with less than min(need, declared request)",
    ),
    ...labelled(points).map(drawn),
    "</svg>",
    "",
  ].join("\n");
}

interface HourScale {
  of(hours: number): number;
  readonly ticks: readonly number[];
}

function hourScale(hours: readonly number[]): HourScale {
  const [least, most] = [Math.min(...hours) * 0.9, Math.max(...hours) * 1.1];
  const width = size.width - plot.left - plot.right;
  const power = 10 ** Math.floor(Math.log10(least));
  const ticks = [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100].map((times) => times * power);
  return {
    of: (value) => plot.left + (Math.log(value / least) / Math.log(most / least)) * width,
    ticks: ticks.filter((tick) => tick >= least && tick <= most),
  };
}

function yOf(share: number): number {
  const decade = Math.max(decades.least, Math.log10(share));
  const height = size.height - plot.top - plot.bottom;
  return plot.top + ((decades.most - decade) / (decades.most - decades.least)) * height;
}

function shareAxis(): string[] {
  const ticks = Array.from({ length: decades.most - decades.least + 1 }, (_, index) => decades.least + index);
  return ticks.flatMap((decade) => {
    const y = yOf(10 ** decade);
    const name = decade === decades.least ? "0" : `${Number((100 * 10 ** decade).toPrecision(3))} %`;
    return [
      `<path d="M${plot.left} ${y}H${size.width - plot.right}" stroke="${colours.faint}"/>`,
      text({ x: plot.left - 8, y: y + 4 }, name, "end"),
    ];
  });
}

interface Point {
  readonly rule: string;
  readonly colour: string;
  readonly x: number;
  readonly y: number;
}

interface Labelled extends Point {
  readonly labelY: number;
}

/** Labels beside the plot, near the heights of their points and none over another; of one height the rightmost is on top. */
function labelled(points: readonly Point[]): Labelled[] {
  const sorted = points.toSorted((a, b) => a.y - b.y || b.x - a.x);
  let below = size.height - 20 + lineHeight;
  const fromBelow = sorted.toReversed().map((point) => {
    below = Math.min(point.y, below - lineHeight);
    return { ...point, labelY: below };
  });
  let above = -Infinity;
  return fromBelow.toReversed().map((point) => {
    above = Math.max(point.labelY, above + lineHeight);
    return { ...point, labelY: above };
  });
}

function drawn({ rule, colour, x, y, labelY }: Labelled): string {
  const line = `<path d="M${round(x)} ${round(y)}L${labelX - 6} ${round(labelY)}" stroke="${colour}" opacity="0.35"/>`;
  const dot = `<circle cx="${round(x)}" cy="${round(y)}" r="5" fill="${colour}"/>`;
  return `${line}${dot}${text({ x: labelX, y: labelY + 4 }, rule, "start", colour)}`;
}

function text(at: { x: number; y: number }, words: string, anchor = "start", colour = colours.text): string {
  return `<text x="${round(at.x)}" y="${round(at.y)}" text-anchor="${anchor}" fill="${colour}">${words}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
