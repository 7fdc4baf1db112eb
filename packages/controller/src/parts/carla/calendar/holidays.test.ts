import { FieldError } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { holidaysOf } from "./holidays.ts";

const range = { first: "2025-06-01", last: "2028-06-01" };
const calendar = (...events: readonly (readonly string[])[]): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//test//EN",
    ...events.flatMap((lines, index) => ["BEGIN:VEVENT", `UID:${index}`, ...lines, "END:VEVENT"]),
    "END:VCALENDAR",
    "",
  ].join("\r\n");
const read = (...events: readonly (readonly string[])[]): string[] => holidaysOf(calendar(...events), range, "ro.ics");

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
        range,
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

  it("may stand in several calendars of one file", () => {
    const text = calendar(["DTSTART;VALUE=DATE:20260603"]) + calendar(["DTSTART;VALUE=DATE:20260601"]);
    expect(holidaysOf(text, range, "ro.ics")).toEqual(["2026-06-01", "2026-06-03"]);
  });

  it.each([
    ["", /"ro.ics" is not an iCalendar file \(it has no VCALENDAR\)/],
    ["<html>", /"ro.ics" is not an iCalendar file/],
    ["BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", /"ro.ics" is not an iCalendar file/],
    ["BEGIN:VCALENDAR\r\nnonsense\r\nEND:VCALENDAR\r\n", /"ro.ics" is not an iCalendar file/],
    [calendar(["SUMMARY:Easter"]), /"ro.ics" .*event Easter has no DTSTART/],
    [calendar(["DTSTART;VALUE=DATE:20261345"]), /"ro.ics" is not an iCalendar file/],
    [calendar(["DTSTART;VALUE=DATE:soon"]), /"ro.ics" is not an iCalendar file/],
    [calendar(["DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=SOMETIMES"]), /"ro.ics" is not an iCalendar file/],
  ])("cannot be read from %j", (text, complaint) => {
    const reading = (): unknown => holidaysOf(text, range, "ro.ics");
    expect(reading).toThrow(FieldError);
    expect(reading).toThrow(complaint);
  });
});
