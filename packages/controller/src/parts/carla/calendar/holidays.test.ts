import { FieldError } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { holidaysOf } from "./holidays.ts";

const range = { first: "2025-06-01", last: "2028-06-01" };
const reading = { range, zone: "Europe/Bucharest" };
const calendar = (...events: readonly (readonly string[])[]): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    ...events.flatMap((lines, index) => ["BEGIN:VEVENT", `UID:${index}`, ...lines, "END:VEVENT"]),
    "END:VCALENDAR",
    "",
  ].join("\r\n");
const read = (...events: readonly (readonly string[])[]): string[] =>
  holidaysOf(calendar(...events), reading, "ro.ics");

describe("holidays of an iCalendar file", () => {
  it("are the days of all-day events, the end excluded", () => {
    expect(read(["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"])).toEqual(["2026-12-25", "2026-12-26"]);
    expect(read(["DTSTART;VALUE=DATE:20261201"])).toEqual(["2026-12-01"]);
    expect(read(["DTSTART;VALUE=DATE:20261231", "DURATION:P2D"])).toEqual(["2026-12-31", "2027-01-01"]);
  });

  it("recur each year, but not on the dates left out", () => {
    const first = ["DTSTART;VALUE=DATE:19900101", "DTEND;VALUE=DATE:19900103", "RRULE:FREQ=YEARLY"];
    expect(read(first)).toEqual(["2026-01-01", "2026-01-02", "2027-01-01", "2027-01-02", "2028-01-01", "2028-01-02"]);
    expect(read([...first, "EXDATE;VALUE=DATE:20270101"])).toEqual([
      "2026-01-01",
      "2026-01-02",
      "2028-01-01",
      "2028-01-02",
    ]);
    expect(read(["DTSTART;VALUE=DATE:20251127", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=2"])).toEqual([
      "2025-11-27",
      "2026-11-26",
    ]);
  });

  it("that are moved are held on the day they are moved to", () => {
    expect(
      holidaysOf(
        calendar(
          ["DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY;COUNT=2"],
          ["RECURRENCE-ID;VALUE=DATE:20270501", "DTSTART;VALUE=DATE:20270503"],
        ).replace("UID:1", "UID:0"),
        reading,
        "ro.ics",
      ),
    ).toEqual(["2026-05-01", "2027-05-03"]);
  });

  it("are neither appointments nor cancelled, and each is told once", () => {
    expect(
      read(
        ["DTSTART:20260601T100000Z", "DTEND:20260601T110000Z"],
        ["DTSTART;VALUE=DATE:20260602", "STATUS:CANCELLED"],
        ["DTSTART;VALUE=DATE:20260603"],
        ["DTSTART;VALUE=DATE:20260603"],
      ),
    ).toEqual(["2026-06-03"]);
  });

  it("that are listed day by day count the first as well, unless it is left out or moved", () => {
    const listed = ["DTSTART;VALUE=DATE:20260501", "RDATE;VALUE=DATE:20260601,20260701"];
    expect(read(listed)).toEqual(["2026-05-01", "2026-06-01", "2026-07-01"]);
    expect(read([...listed, "EXDATE;VALUE=DATE:20260501"])).toEqual(["2026-06-01", "2026-07-01"]);
    const moved = ["RECURRENCE-ID;VALUE=DATE:20260501", "DTSTART;VALUE=DATE:20260504"];
    const text = calendar(listed, moved).replace("UID:1", "UID:0");
    expect(holidaysOf(text, reading, "ro.ics")).toEqual(["2026-05-04", "2026-06-01", "2026-07-01"]);
  });

  const flag = "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE";

  it.each<[string, readonly string[], readonly string[]]>([
    ["midnights of no zone", ["DTSTART:20261225T000000", "DTEND:20261227T000000"], ["2026-12-25", "2026-12-26"]],
    [
      "midnights of a zone",
      ["DTSTART;TZID=GTB Standard Time:20261225T000000", "DTEND;TZID=GTB Standard Time:20261226T000000"],
      ["2026-12-25"],
    ],
    ["its midnights in UTC", ["DTSTART:20261224T220000Z", "DTEND:20261225T220000Z"], ["2026-12-25"]],
    [
      "its midnights in UTC, across a change of clocks",
      ["DTSTART:20261024T210000Z", "DTEND:20261025T220000Z"],
      ["2026-10-25"],
    ],
    [
      "midnights that recur",
      ["DTSTART:20251225T000000", "DTEND:20251226T000000", "RRULE:FREQ=YEARLY;COUNT=3", "EXDATE:20261225T000000"],
      ["2025-12-25", "2027-12-25"],
    ],
  ])("may be written as Outlook does: %s and a flag", (_, event, days) => {
    expect(read([...event, flag])).toEqual(days);
    expect(read(event)).toEqual([]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["bare dates", ["DTSTART:20261225", "DTEND:20261227"], ["2026-12-25", "2026-12-26"]],
    ["dates with a time behind", ["DTSTART;VALUE=DATE:20261225T000000Z"], ["2026-12-25"]],
    ["small letters", ["dtstart;value=date:20261225", "status:cancelled"], []],
    ["an end that is the beginning", ["DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261225"], ["2026-12-25"]],
    ["hours", ["DTSTART;VALUE=DATE:20261225", "DURATION:PT36H"], ["2026-12-25", "2026-12-26"]],
    ["a zone with a colon and no quotes", ["DTSTART;TZID=(UTC+02:00) Bucharest:20261225T000000", flag], ["2026-12-25"]],
    ["midnights of a zone that is UTC", ['DTSTART;TZID="tzone://Microsoft/Utc":20261224T220000', flag], ["2026-12-25"]],
    [
      "the last second of the last day",
      ["DTSTART:20261225T000000", "DTEND:20261226T235959", flag],
      ["2026-12-25", "2026-12-26"],
    ],
    [
      "a rule until the last second of a day, in UTC",
      ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=DAILY;UNTIL=20261226T215959Z"],
      ["2026-12-25", "2026-12-26"],
    ],
    [
      "two rules",
      ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY;COUNT=1", "RRULE:FREQ=DAILY;COUNT=2"],
      ["2026-12-25", "2026-12-26"],
    ],
    [
      "a change of an event that is not there",
      ["DTSTART;VALUE=DATE:20261224", "RECURRENCE-ID;VALUE=DATE:20261225"],
      ["2026-12-24"],
    ],
  ])("R4: may be written with %s", (_, event, days) => {
    expect(read(event)).toEqual(days);
  });

  it("R4: that last for ever, and lines that do, are read at once", () => {
    const whole = read(["DTSTART;VALUE=DATE:20260101", "DURATION:P999999999D", "RRULE:FREQ=DAILY"]);
    expect([whole.length, whole[0], whole.at(-1)]).toEqual([883, "2026-01-01", "2028-06-01"]);
    expect(
      read(["DTSTART;VALUE=DATE:20260603", `X-LONG;A=${"a".repeat(100_000)};B="${":".repeat(100_000)}":1`]),
    ).toEqual(["2026-06-03"]);
    expect(() => read(["DTSTART;VALUE=DATE:20260603", `X-LONG;A=${"a".repeat(100_000)}`])).toThrow(
      "line 7 is not of iCalendar",
    );
  });

  it("R4: that are changed twice are as they were changed last", () => {
    const of = (sequence: number, day: string): string[] => [
      `DTSTART;VALUE=DATE:${day}`,
      "RECURRENCE-ID;VALUE=DATE:20261226",
      `SEQUENCE:${sequence}`,
    ];
    const text = calendar(
      ["DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=DAILY;COUNT=3"],
      of(2, "20261230"),
      of(1, "20261229"),
    );
    expect(holidaysOf(text.replaceAll(/UID:\d/g, "UID:0"), reading, "ro.ics")).toEqual([
      "2026-12-25",
      "2026-12-27",
      "2026-12-30",
    ]);
  });

  it("are read behind a byte order mark, and with any ends of lines", () => {
    const text = calendar(["DTSTART;VALUE=DATE:20260603"]);
    const folded = text.replaceAll(/(?<=\w{3})(?=\w)/g, "\r\n ");
    const ends = ["\n", "\r", "\r\n\r\n"].map((end) => text.replaceAll("\r\n", end));
    for (const written of [`\uFEFF${text}`, ...ends, folded, folded.replaceAll("\r\n ", "\n\t"), `\r\n${text}\r\n\r\n`])
      expect(holidaysOf(written, reading, "ro.ics")).toEqual(["2026-06-03"]);
  });

  it("may stand in several calendars of one file", () => {
    const text = calendar(["DTSTART;VALUE=DATE:20260603"]) + calendar(["DTSTART;VALUE=DATE:20260601"]);
    expect(holidaysOf(text, reading, "ro.ics")).toEqual(["2026-06-01", "2026-06-03"]);
  });

  it.each([
    ["", /"ro.ics" is not an iCalendar file \(it has no VCALENDAR\)/],
    ["<html>", /"ro.ics" is not an iCalendar file/],
    ["BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", /"ro.ics" is not an iCalendar file/],
    ["BEGIN:VCALENDAR\r\nnonsense\r\nEND:VCALENDAR\r\n", /"ro.ics" is not an iCalendar file/],
    [calendar(["SUMMARY:Easter"]), /"ro.ics" .*event Easter has no DTSTART/],
    [calendar(["DTSTART;VALUE=DATE:20261345"]), /"ro.ics" is not an iCalendar file/],
    [calendar(["DTSTART;VALUE=DATE:soon"]), /"ro.ics" is not an iCalendar file/],
    [
      calendar(["SUMMARY:Pesach", "DTSTART;VALUE=DATE:20260402", "RRULE:RSCALE=HEBREW;FREQ=YEARLY"]),
      /event Pesach RRULE: /,
    ],
    [calendar(["DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=HOURLY"]), /is not a rule of days/],
    [calendar(["DTSTART;VALUE=DATE:2026-01-01"]), /DTSTART: "2026-01-01" is not a date/],
    [calendar(["DTSTART;VALUE=DATE:20260101", "EXDATE:never"]), /EXDATE: "never" is not a date/],
    [calendar(["DTSTART;VALUE=DATE:20260101", "DURATION:long"]), /DURATION: "long" is not a duration/],
    [calendar(["DTSTART;VALUE=DATE:20260101", "a line that was not folded"]), /line 7 is not of iCalendar/],
    [calendar(["DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=SOMETIMES"]), /"ro.ics" is not an iCalendar file/],
  ])("cannot be read from %j", (text, complaint) => {
    const parse = (): unknown => holidaysOf(text, reading, "ro.ics");
    expect(parse).toThrow(FieldError);
    expect(parse).toThrow(complaint);
  });
});
