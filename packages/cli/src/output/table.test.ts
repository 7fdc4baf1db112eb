import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Progress } from "./progress.ts";
import { painted, screenOf } from "./screen.ts";
import { type Column, tableText } from "./table.ts";

interface Row {
  readonly name: string;
  readonly milli: number;
  readonly why: string;
}

const columns: readonly Column<Row>[] = [
  { head: "NAME", of: ({ name }) => name, gives: true },
  {
    head: "MILLI",
    of: ({ milli }) => String(milli),
    right: true,
    colour: ({ milli }) => (milli > 100 ? "red" : undefined),
  },
  { head: "WHY", of: ({ why }) => why, gives: true },
];
const rows = [
  { name: "web-with-a-long-name-0", milli: 50, why: "it has what it needs" },
  { name: "b", milli: 5000, why: "" },
];

describe("a table", () => {
  it("is as wide as it needs to be where there is no terminal", () => {
    expect(tableText(columns, rows, { width: Infinity, colour: false }).split("\n")).toEqual([
      "NAME                    MILLI  WHY",
      "web-with-a-long-name-0     50  it has what it needs",
      "b                        5000  ",
      "",
    ]);
  });

  it("cuts what gives way, the widest first, and no number", () => {
    expect(tableText(columns, rows, { width: 36, colour: false }).split("\n")[1]).toBe(
      "web-with-a-l…     50  it has what i…",
    );
  });

  it("never is wider than the terminal, whatever is in it", () => {
    const row = fc.record({ name: fc.string({ maxLength: 60 }), milli: fc.nat(), why: fc.string({ maxLength: 200 }) });
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 20, max: 200 }), (some, width) => {
        const cleaned = some.map((one) => ({
          ...one,
          name: one.name.replaceAll("\n", " "),
          why: one.why.replaceAll("\n", " "),
        }));
        const lines = tableText(columns, cleaned, { width, colour: false }).split("\n");
        expect(lines).toHaveLength(cleaned.length + 2);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("is coloured by its columns, where there is colour", () => {
    const text = tableText(columns, rows, { width: 80, colour: true });
    expect(text).toContain("\u001B[31m 5000\u001B[0m");
    expect(text.split("\u001B[31m")).toHaveLength(2);
  });
});

describe("a screen", () => {
  it.each([
    [{ isTTY: true, columns: 120 }, {}, { width: 120, colour: true }],
    [{ isTTY: true }, {}, { width: 80, colour: true }],
    [{ isTTY: true, columns: 100 }, { NO_COLOR: "1" }, { width: 100, colour: false }],
    [{ isTTY: true, columns: 100 }, { NO_COLOR: "" }, { width: 100, colour: true }],
    [{ isTTY: true, columns: 100 }, { TERM: "dumb" }, { width: 100, colour: false }],
    [{}, {}, { width: Infinity, colour: false }],
  ])("of %j with %j is %j", (stream, env, expected) => {
    expect(screenOf(stream, env)).toEqual(expected);
  });

  it("without colour shows text as it is", () => {
    expect(painted("x", "red", { width: 80, colour: false })).toBe("x");
  });
});

describe("progress", () => {
  function told(isTTY: boolean, shares: readonly number[]): string[] {
    const texts: string[] = [];
    const progress = new Progress("simulating", { isTTY, write: (text) => texts.push(text) });
    for (const share of shares) progress.at(share);
    progress.end();
    return texts;
  }

  it("is a line a quarter where there is no terminal", () => {
    expect(told(false, [0.1, 0.2, 0.5, 0.51, 1])).toEqual(["simulating 0%\n", "simulating 50%\n", "simulating 100%\n"]);
  });

  it("is one line that is written over on a terminal, and leaves nothing behind", () => {
    expect(told(true, [0.101, 0.102, 0.5])).toEqual([
      "\rsimulating 10%\u001B[K",
      "\rsimulating 50%\u001B[K",
      "\r\u001B[K",
    ]);
  });
});
