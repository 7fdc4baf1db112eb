// Runs the demo and draws its last picture as packages/cli/demo.svg.
// usage: picture.ts [SECONDS]
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";

import { runDemo } from "../packages/cli/src/demo/run.ts";
import { systemClock } from "../packages/kit/src/index.ts";

const root = join(import.meta.dirname, "..");
const scenario = join(root, "packages", "sim", "scenarios", "demo.yaml");
const target = join(root, "packages", "cli", "demo.svg");

const rows = 26;
const cell = { width: 8, height: 18 };
const margin = 16;
const background = "#16181d";
const plain = "#d6d9df";

/** The colours of screen.ts, on a dark ground of their own: readable on a light page and on a dark one. */
const styles: Readonly<Record<string, string>> = {
  "1": 'fill="#ffffff" font-weight="bold"',
  "2": 'fill="#8b919c"',
  "31": 'fill="#ff7b72"',
  "32": 'fill="#56d364"',
  "33": 'fill="#e3b341"',
  "36": 'fill="#58c7f3"',
};

/** Text of one style, and the column where it begins. */
interface Span {
  readonly column: number;
  readonly text: string;
  readonly style: string;
}

/** A terminal that keeps what was last written to it. */
class Screen extends Writable {
  readonly rows = rows;
  readonly frames: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.frames.push(chunk.toString());
    done();
  }
}

/** One line of the terminal as runs of one style each; the colour codes are the `31m` after each escape. */
function spans(line: string): Span[] {
  const found: Span[] = [];
  let column = 0;
  for (const part of `0m${line}`.split("\u001B[")) {
    const codeEnd = part.search(/[mHJ]/);
    const style = styles[part.slice(0, codeEnd)] ?? `fill="${plain}"`;
    const text = part.slice(codeEnd + 1);
    for (const word of text.matchAll(/\S+(?: \S+)*/g))
      found.push({ column: column + word.index, text: word[0], style });
    column += text.length;
  }
  return found;
}

/** Whatever font the reader has, every run is as wide as its cells. */
function drawn({ column, text, style }: Span, row: number): string {
  const x = margin + column * cell.width;
  const y = margin + row * cell.height + 13;
  return `<text x="${x}" y="${y}" textLength="${text.length * cell.width}" ${style}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function svg(frame: string): string {
  const lines = frame.trimEnd().split("\n").map(spans);
  const columns = Math.max(...lines.flat().map(({ column, text }) => column + text.length));
  const width = columns * cell.width + 2 * margin;
  const height = lines.length * cell.height + 2 * margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="13">`,
    "<title>walras demo: three nodes, their prices, who is throttled, and the last resizes with their reasons</title>",
    `<rect width="${width}" height="${height}" rx="8" fill="${background}"/>`,
    ...lines.flatMap((line, row) => line.map((span) => drawn(span, row))),
    "</svg>",
    "",
  ].join("\n");
}

const screen = new Screen();
await runDemo({
  scenario,
  forMs: Number(process.argv[2] ?? 20) * 1000,
  headless: false,
  page: null,
  open: () => undefined,
  clock: systemClock,
  signal: new AbortController().signal,
  out: screen as unknown as NodeJS.WriteStream,
});
const frame = screen.frames.findLast((one) => one.includes("PRICE/core")) ?? "";
// Where the embedded cluster keeps its files, and where its dashboard listens, is another place each time.
const steady = frame
  .replace(/--kubeconfig \S+/, "--kubeconfig …")
  .replace(/127\.0\.0\.1:\d+\S+/, "127.0.0.1:…/#token=…");
await writeFile(target, svg(steady));
