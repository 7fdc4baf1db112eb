import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { civilOf, dayNumberOf, dayOfCivil, isoOf } from "./days.ts";
import { recurring } from "./recurrence.ts";
import { readRule } from "./rule.ts";

const days = (rule: string, begins: string, first = "1997-01-01", last = "1999-12-31"): string[] => {
  const begin = dayNumberOf(begins);
  const span = { first: dayNumberOf(first), last: dayNumberOf(last) };
  return recurring(readRule(rule, begin, "America/New_York"), begin, span).map(isoOf);
};

describe("R4: the rules of RFC 5545, 3.8.5.3", () => {
  it.each([
    ["FREQ=DAILY;COUNT=3", "1997-09-02", ["1997-09-02", "1997-09-03", "1997-09-04"]],
    ["FREQ=DAILY;INTERVAL=10;COUNT=3", "1997-09-02", ["1997-09-02", "1997-09-12", "1997-09-22"]],
    [
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,TH",
      "1997-09-02",
      ["1997-09-02", "1997-09-04", "1997-09-16", "1997-09-18"],
    ],
    [
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
      "1997-08-05",
      ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"],
    ],
    [
      "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
      "1997-08-05",
      ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"],
    ],
    [
      "FREQ=MONTHLY;INTERVAL=2;COUNT=4;BYDAY=1SU,-1SU",
      "1997-09-07",
      ["1997-09-07", "1997-09-28", "1997-11-02", "1997-11-30"],
    ],
    ["FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3", "1997-09-28", ["1997-09-28", "1997-10-29", "1997-11-28"]],
    ["FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", ["1998-02-13", "1998-03-13", "1998-11-13", "1999-08-13"]],
    ["FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", [], "2007-01-01"],
    ["FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", ["1997-09-04", "1997-10-07", "1997-11-06"]],
    ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2;COUNT=3", "1997-09-29", ["1997-09-29", "1997-10-30", "1997-11-27"]],
    ["FREQ=YEARLY;BYDAY=20MO", "1997-05-19", ["1997-05-19", "1998-05-18", "1999-05-17"]],
    ["FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", ["1997-05-12", "1998-05-11", "1999-05-17"]],
    ["FREQ=YEARLY;INTERVAL=2;COUNT=3;BYYEARDAY=1,100,-1", "1997-01-01", ["1997-01-01", "1997-04-10", "1997-12-31"]],
    ["FREQ=YEARLY;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;BYMONTH=11;INTERVAL=2", "1997-11-04", ["1997-11-04", "1999-11-02"]],
    ["FREQ=YEARLY;BYMONTH=6,7;COUNT=3", "1997-06-10", ["1997-06-10", "1997-07-10", "1998-06-10"]],
    ["FREQ=DAILY;BYMONTH=1;UNTIL=19980103", "1997-12-31", ["1998-01-01", "1998-01-02", "1998-01-03"]],
    ["freq=daily;count=2;byhour=9;bysetpos=1;x-ours=1", "1997-09-02", ["1997-09-02", "1997-09-03"]],
  ])("%s from %s", (rule, begins, expected, first = "1997-01-01") => {
    expect(days(rule, begins, first)).toEqual(expected);
  });

  it("skip what a year does not have", () => {
    expect(days("FREQ=YEARLY", "1996-02-29", "1996-01-01", "2004-12-31")).toEqual([
      "1996-02-29",
      "2000-02-29",
      "2004-02-29",
    ]);
    expect(days("FREQ=MONTHLY;COUNT=4", "1997-01-31")).toEqual([
      "1997-01-31",
      "1997-03-31",
      "1997-05-31",
      "1997-07-31",
    ]);
  });

  it("end with the last day that begins no later, in the calendar's zone", () => {
    expect(days("FREQ=DAILY;UNTIL=19970904T035959Z", "1997-09-02")).toEqual(["1997-09-02", "1997-09-03"]);
    expect(days("FREQ=DAILY;UNTIL=19970904T040000Z", "1997-09-02")).toHaveLength(3);
    expect(days("FREQ=DAILY;UNTIL=19970904T120000", "1997-09-02")).toHaveLength(3);
  });

  it.each([
    "FREQ=SOMETIMES",
    "FREQ=HOURLY",
    "COUNT=3",
    "",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;COUNT=x",
    "FREQ=YEARLY;BYMONTH=13",
    "FREQ=YEARLY;BYMONTHDAY=0",
    "FREQ=YEARLY;BYDAY=XX",
    "FREQ=YEARLY;UNTIL=soon",
    "FREQ=YEARLY;RSCALE=HEBREW;BYMONTH=5L",
    "FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=FORWARD",
  ])("that cannot be followed are told: %j", (rule) => {
    expect(() => readRule(rule, 0, "UTC")).toThrow(/RRULE|UNTIL/);
  });
});

it("R4: days are numbered as the calendar has them", () => {
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (day) => {
      const { year, month, day: monthDay } = civilOf(day);
      const iso = [
        String(year).padStart(4, "0"),
        ...[month, monthDay].map((part) => String(part).padStart(2, "0")),
      ].join("-");
      expect(iso).toBe(isoOf(day));
      expect(dayOfCivil(civilOf(day))).toBe(day);
    }),
  );
});
