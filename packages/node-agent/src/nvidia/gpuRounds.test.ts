import { describe, expect, it } from "vitest";

import { BoundedLines } from "./boundedLines.ts";
import { type GpuRow, parseRow } from "./gpuRow.ts";
import { GpuRounds } from "./gpuRounds.ts";

function row(count: number | null, index: number): GpuRow {
  const made = parseRow(`${count ?? "[N/A]"}, ${index}, GPU-000${index}`, ["count", "index", "uuid"]);
  if (made === null) throw new Error("not a row");
  return made;
}

function roundsOf(rows: readonly GpuRow[]): readonly (readonly (number | null)[])[] {
  const rounds = new GpuRounds();
  const ended = rows.map((one) => rounds.add(one)).filter((round) => round !== null);
  return ended.map((round) => round.map(({ index }) => index));
}

describe("rows", () => {
  it("make a round when there are as many as GPUs", () => {
    expect(roundsOf([row(2, 0), row(2, 1), row(2, 0), row(2, 1)])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("make a round without the GPU that has none, when the next begins", () => {
    expect(roundsOf([row(3, 0), row(3, 2), row(3, 0), row(3, 2), row(3, 0)])).toEqual([
      [0, 2],
      [0, 2],
    ]);
  });

  it("make a round where the driver does not count its GPUs", () => {
    expect(roundsOf([row(null, 0), row(null, 1), row(null, 0)])).toEqual([[0, 1]]);
  });

  it("make no round that is larger than any machine", () => {
    const endless = Array.from({ length: 1000 }, (_, index) => row(null, index));
    expect(roundsOf(endless).map((round) => round.length)).toEqual([128, 128, 128, 128, 128, 128, 128]);
  });
});

describe("lines", () => {
  function linesOf(...chunks: readonly string[]): readonly string[] {
    const lines: string[] = [];
    const reader = new BoundedLines((line) => lines.push(line));
    for (const chunk of chunks) reader.push(chunk);
    reader.end();
    return lines;
  }

  it("come whole, however they are cut", () => {
    expect(linesOf("a, b\r\nc", ", d\n", "\n", "e")).toEqual(["a, b", "c, d", "e"]);
  });

  it("are left out where they are too long, and those behind them are not", () => {
    expect(
      linesOf(
        "short\n",
        ..."x"
          .repeat(10)
          .split("")
          .map((x) => x.repeat(1000)),
        "x\nnext\n",
      ),
    ).toEqual(["short", "next"]);
  });
});
