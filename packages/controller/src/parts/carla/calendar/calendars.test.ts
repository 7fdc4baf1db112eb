import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { FieldError } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { holidaysOf } from "./holidays.ts";

/** A calendar made from a seed, and its days as python3-icalendar and python3-dateutil read them; testing/calendars.py. */
interface Made {
  readonly seed: number;
  readonly zone: string;
  readonly text: string;
  readonly days: readonly string[];
}

const script = fileURLToPath(new URL("testing/calendars.py", import.meta.url));
const recorded = JSON.parse(readFileSync(script.replace(/py$/, "json"), "utf8")) as readonly Made[];
const range = { first: "2025-06-01", last: "2028-06-01" };

/** Seeds of calendars of which some day is read otherwise. */
function differing(made: readonly Made[]): { seed: number; read: readonly string[]; days: readonly string[] }[] {
  return made
    .map(({ seed, zone, text, days }) => ({ seed, read: holidaysOf(text, { range, zone }, "made.ics"), days }))
    .filter(({ read, days }) => read.join() !== days.join());
}

const hasPython = spawnSync("python3", ["-c", "import icalendar, dateutil"]).status === 0;

describe("R4: a hundred and twenty calendars made by rule", () => {
  it("are those that other readers of iCalendar were given", () => {
    const text = recorded.map((one) => one.text.replaceAll(/\r?\n[ \t]/g, "")).join("\n");
    const forms = [
      /^RRULE/m,
      /^RDATE/m,
      /^EXDATE/m,
      /^EXRULE/m,
      /^RECURRENCE-ID/m,
      /RANGE=/,
      /^X-MICROSOFT/m,
      /TZID=/,
      /^DURATION/m,
    ];
    for (const form of [
      ...forms,
      /^\uFEFF/m,
      /\r\n/,
      /BYSETPOS/,
      /BYWEEKNO/,
      /UNTIL=\d+T/,
      /COUNT=/,
      /CANCELLED/,
      /^DTSTART:\d{8}$/m,
    ])
      expect(text).toMatch(form);
    expect(recorded).toHaveLength(120);
    expect(recorded.flatMap(({ days }) => days).length).toBeGreaterThan(3000);
  });

  it("have the days that other readers find, every one and no other", () => {
    expect(differing(recorded)).toEqual([]);
  });

  it("are read or refused when they are torn, and nothing else", () => {
    const torn = fc.tuple(fc.constantFrom(...recorded), fc.nat(3_000), fc.nat(40), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(torn, ([{ text, zone }, at, cut, put]) => {
        try {
          const days = holidaysOf(text.slice(0, at) + put + text.slice(at + cut), { range, zone }, "torn.ics");
          for (const day of days) expect(day >= range.first && day <= range.last).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FieldError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.skipIf(!hasPython)(
    "and so have other ones, where those readers are installed",
    () => {
      const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
      const answer = execFileSync("python3", [script, "9000", "100"], { encoding: "utf8", maxBuffer: 1 << 26, env });
      expect(differing(JSON.parse(answer) as readonly Made[])).toEqual([]);
    },
    60_000,
  );
});
