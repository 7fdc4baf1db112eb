import { describe, expect, it } from "vitest";

import { openingAt } from "../calendar/open.ts";
import { readReleaseConfig } from "./read.ts";
import { readTexts } from "./testing/readTexts.ts";

const at = (iso: string): number => Date.parse(iso);

describe("windows", () => {
  const north = (clinic: string, rest = ""): string =>
    `windows:\n  timezone: Europe/Bucharest\n  clinics:\n    north: ${clinic}\n${rest}`;
  const open = (policy: string, app: string, iso: string): boolean =>
    openingAt(readTexts(policy, `apps: [{name: a, ${app}}]`).apps[0]!.calendar, at(iso)).open;

  it("are shared as one object by all that have none of their own", () => {
    const { policy, apps } = readTexts(
      north("{allow: []}"),
      "apps: [{name: a}, {name: b, windows: {}}, {name: c, clinic: north}, {name: d, clinic: north}]",
    );
    expect(apps[0]!.calendar).toBe(policy.calendar);
    expect(apps[1]!.calendar).toBe(policy.calendar);
    expect(apps[2]!.calendar).not.toBe(policy.calendar);
    expect(apps[3]!.calendar).toBe(apps[2]!.calendar);
  });

  it("of a clinic replace the policy's, on its own clocks", () => {
    const policy = north("{timezone: America/New_York, allow: [{day: DAILY, start: '12:00', end: '13:00'}]}");
    expect(open(policy, "clinic: north", "2026-06-02T16:30:00Z")).toBe(true); // 12:30 in New York
    expect(open(policy, "clinic: north", "2026-06-02T09:30:00Z")).toBe(false); // 12:30 in Bucharest
    expect(open(policy, "clinic: north", "2026-06-02T20:30:00Z")).toBe(false);
  });

  it("of a clinic that only names its zone are the policy's on its own clocks", () => {
    const policy = north("{timezone: America/New_York}");
    expect(open(policy, "clinic: north", "2026-06-02T18:00:00Z")).toBe(false); // 21:00 in Bucharest
    expect(open(policy, "clinic: north", "2026-06-03T01:00:00Z")).toBe(true); // 21:00 in New York
  });

  it("that block add up, each in its zone", () => {
    const policy = `windows:
  allow: [{day: DAILY, start: "00:00", end: "24:00"}]
  block: [{day: DAILY, start: "10:00", end: "11:00"}]
  clinics:
    north: {timezone: UTC, block: [{day: DAILY, start: "10:00", end: "11:00"}]}
`;
    const app =
      "clinic: north, windows: {timezone: Asia/Kolkata, block: [{from: '2026-06-02T12:00', until: '2026-06-02T12:30'}]}";
    const closed = ["07:15", "10:15", "06:45"].map((time) => open(policy, app, `2026-06-02T${time}:00Z`));
    expect(closed).toEqual([false, false, false]);
    expect(["06:15", "08:15", "11:15"].map((time) => open(policy, app, `2026-06-02T${time}:00Z`))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("are none where the list of allowances is empty or all commented out", () => {
    for (const list of ["[]", "# [{day: DAILY, start: '00:00', end: '24:00'}]"]) {
      expect(openingAt(readTexts(`windows:\n  allow: ${list}\n`).policy.calendar, 0)).toMatchObject({
        open: false,
        untilMs: null,
      });
    }
  });

  it("end at midnight, however it is written", () => {
    const ends = ["23:59", "24:00", "00:00"].map((end) => {
      const { calendar } = readTexts(`windows: {allow: [{days: [sat, Sun], start: 0:00, end: "${end}"}]}`).policy;
      return calendar.allow[0];
    });
    expect(new Set(ends.map((window) => JSON.stringify(window)))).toEqual(
      new Set(['{"kind":"weekly","days":["SAT","SUN"],"startMinute":0,"endMinute":1440}']),
    );
  });

  it("of fixed times are instants or local to their zone", () => {
    const { calendar } = readTexts(
      "windows: {timezone: Europe/Bucharest, block: [{from: 2026-12-20T00:00, until: 2027-01-06T00:00:00Z}]}",
    ).policy;
    expect(calendar.block).toEqual([
      { kind: "fixed", fromMs: at("2026-12-19T22:00:00Z"), untilMs: at("2027-01-06T00:00:00Z") },
    ]);
  });
});

describe("holidays", () => {
  const ics = [
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "DTSTART;VALUE=DATE:20000101",
    "RRULE:FREQ=YEARLY",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

  it("are listed, and read from files beside the policy for the years around today", () => {
    const asked: string[] = [];
    const { calendar } = readReleaseConfig(
      { policyFile: "/etc/carla/carla_policy.yaml", appsFile: "/etc/carla/apps.yaml" },
      {
        requireArgo: false,
        today: "2026-06-01",
        readText: (file) => {
          asked.push(file);
          if (file.endsWith(".ics")) return ics;
          return file.endsWith("apps.yaml")
            ? "apps: [{name: a}]"
            : "windows: {holidays: {dates: [2026-12-25], ics: [ro.ics], as: BLOCKED}}";
        },
      },
    ).policy;
    expect(calendar.holidays).toEqual(new Set(["2026-12-25", "2026-01-01", "2027-01-01", "2028-01-01"]));
    expect(calendar.holidayAs).toBe("BLOCKED");
    expect(asked).toContain("/etc/carla/ro.ics");
  });

  it("R4: are warned of where a file has none", () => {
    const timed = ics.replace(";VALUE=DATE:20000101", ":20000101T000000");
    const { warnings } = readTexts("windows: {holidays: {ics: [ro.ics]}}", "apps: [{name: a}]", {
      others: { "ro.ics": timed },
    });
    expect(warnings).toEqual([
      'carla_policy.yaml:1 windows.holidays.ics[0]: "ro.ics" has no all-day event from 2025-06-01 to 2028-06-01',
    ]);
  });

  it("are a clinic's own where it has some, and the policy's where not", () => {
    const { apps } = readTexts(
      `windows:
  holidays: {dates: [2026-12-25], as: BLOCKED}
  clinics:
    own: {holidays: {dates: [2026-07-04], as: WEEKEND}}
    same: {timezone: UTC}
`,
      "apps: [{name: a, clinic: own}, {name: b, clinic: same}]",
    );
    expect(apps.map(({ calendar }) => [[...calendar.holidays], calendar.holidayAs])).toEqual([
      [["2026-07-04"], "WEEKEND"],
      [["2026-12-25"], "BLOCKED"],
    ]);
  });
});
