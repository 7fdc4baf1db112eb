import { describe, expect, it } from "vitest";

import type { Calendar, ReleaseWindow } from "./calendar.ts";
import { openingAt, openSpans } from "./open.ts";

const at = (iso: string): number => Date.parse(iso);
const bucharest = (iso: string): number =>
  Temporal.PlainDateTime.from(iso).toZonedDateTime("Europe/Bucharest").epochMilliseconds;

const nights: ReleaseWindow = { kind: "weekly", days: ["WEEKDAY"], startMinute: 1200, endMinute: 420 };
const weekends: ReleaseWindow = { kind: "weekly", days: ["WEEKEND"], startMinute: 0, endMinute: 1440 };
const shipped: Calendar = {
  zone: "Europe/Bucharest",
  allow: [nights, weekends],
  block: [],
  holidays: new Set(),
  holidayAs: "WEEKEND",
};

const openOn = (calendar: Calendar, local: string): boolean => openingAt(calendar, bucharest(local)).open;
const untilOf = (calendar: Calendar, local: string): string | null => {
  const { untilMs } = openingAt(calendar, bucharest(local));
  return untilMs === null
    ? null
    : Temporal.Instant.fromEpochMilliseconds(untilMs).toZonedDateTimeISO(calendar.zone).toPlainDateTime().toString();
};

describe("windows across midnight", () => {
  it("belong to the day they start on", () => {
    expect(openOn(shipped, "2026-06-01T03:00")).toBe(false); // a Monday: its night is Sunday's
    expect(openOn(shipped, "2026-06-02T03:00")).toBe(true);
    expect(openOn({ ...shipped, allow: [nights] }, "2026-06-06T03:00")).toBe(true); // Saturday: Friday's night
    expect(openOn({ ...shipped, allow: [nights] }, "2026-06-07T03:00")).toBe(false);
  });

  it("are one opening with what follows", () => {
    expect(untilOf(shipped, "2026-06-05T21:00")).toBe("2026-06-08T00:00:00");
    expect(untilOf(shipped, "2026-06-08T00:00")).toBe("2026-06-08T20:00:00");
    expect(untilOf(shipped, "2026-06-08T20:00")).toBe("2026-06-09T07:00:00");
  });

  it("open at their first moment and are closed at their last", () => {
    expect(openOn(shipped, "2026-06-02T19:59:59.999")).toBe(false);
    expect(openOn(shipped, "2026-06-02T20:00")).toBe(true);
    expect(openOn(shipped, "2026-06-03T06:59:59.999")).toBe(true);
    expect(openOn(shipped, "2026-06-03T07:00")).toBe(false);
  });
});

describe("when clocks are moved", () => {
  it("a night is an hour shorter in spring and an hour longer in autumn", () => {
    const sundays: Calendar = {
      ...shipped,
      allow: [{ kind: "weekly", days: ["SUN"], startMinute: 120, endMinute: 300 }],
    };
    expect(openingAt(sundays, at("2026-03-29T00:00:00Z"))).toMatchObject({
      open: true,
      untilMs: at("2026-03-29T02:00:00Z"),
    });
    expect(openingAt(sundays, at("2026-10-24T23:00:00Z"))).toMatchObject({
      open: true,
      untilMs: at("2026-10-25T03:00:00Z"),
    });
  });

  it("a start that the clock skips is one hour on", () => {
    const skipped: Calendar = {
      ...shipped,
      allow: [{ kind: "weekly", days: ["SUN"], startMinute: 210, endMinute: 360 }],
    };
    expect(openingAt(skipped, at("2026-03-29T00:00:00Z"))).toMatchObject({
      open: false,
      untilMs: at("2026-03-29T01:30:00Z"),
    });
  });
});

describe("holidays", () => {
  const christmas = new Set(["2026-12-25"]); // a Friday

  it("count as a weekend", () => {
    const calendar: Calendar = { ...shipped, holidays: christmas };
    expect(openOn(calendar, "2026-12-25T12:00")).toBe(true);
    expect(openOn(shipped, "2026-12-25T12:00")).toBe(false);
    expect(untilOf(calendar, "2026-12-25T12:00")).toBe("2026-12-28T00:00:00");
  });

  it("are not their weekday", () => {
    const fridays: Calendar = {
      ...shipped,
      allow: [{ kind: "weekly", days: ["FRI"], startMinute: 0, endMinute: 1440 }],
    };
    expect(openOn(fridays, "2026-12-25T12:00")).toBe(true);
    expect(openOn({ ...fridays, holidays: christmas }, "2026-12-25T12:00")).toBe(false);
  });

  it("close the day where they are blocked, whatever is allowed", () => {
    const always: ReleaseWindow = { kind: "weekly", days: ["DAILY"], startMinute: 0, endMinute: 1440 };
    const calendar: Calendar = { ...shipped, allow: [always], holidays: christmas, holidayAs: "BLOCKED" };
    expect(untilOf(calendar, "2026-12-25T00:00")).toBe("2026-12-26T00:00:00");
    expect(openingAt(calendar, bucharest("2026-12-25T12:00"))).toMatchObject({
      open: false,
      reason: "blocked by holiday 2026-12-25 (Europe/Bucharest) until 2026-12-26 00:00",
    });
    expect(openOn(calendar, "2026-12-24T23:59")).toBe(true);
  });

  it("have windows of their own", () => {
    const calendar: Calendar = {
      ...shipped,
      holidays: christmas,
      holidayAs: "WEEKDAY",
      allow: [{ kind: "weekly", days: ["HOLIDAY"], startMinute: 600, endMinute: 660 }],
    };
    expect(openOn(calendar, "2026-12-25T10:30")).toBe(true);
    expect(openOn(calendar, "2026-12-24T10:30")).toBe(false);
  });
});

describe("blocks", () => {
  const freeze: ReleaseWindow = {
    kind: "fixed",
    fromMs: bucharest("2026-06-06T10:00"),
    untilMs: bucharest("2026-06-06T12:00"),
  };

  it("win over allowances", () => {
    const calendar: Calendar = { ...shipped, block: [freeze] };
    expect(openOn(calendar, "2026-06-06T09:59")).toBe(true);
    expect(untilOf(calendar, "2026-06-06T09:59")).toBe("2026-06-06T10:00:00");
    expect(openingAt(calendar, bucharest("2026-06-06T10:00"))).toEqual({
      open: false,
      reason: "blocked until 2026-06-06 12:00 (Europe/Bucharest)",
      untilMs: freeze.untilMs,
    });
    expect(openOn(calendar, "2026-06-06T12:00")).toBe(true);
  });

  it("of an outer calendar hold in its own zone", () => {
    const noon: ReleaseWindow = { kind: "weekly", days: ["DAILY"], startMinute: 720, endMinute: 780 };
    const newYork: Calendar = { ...shipped, zone: "America/New_York", outer: { ...shipped, block: [noon] } };
    expect(openingAt(newYork, at("2026-06-06T09:30:00Z"))).toMatchObject({
      open: false,
      reason: "blocked by DAILY 12:00–13:00 (Europe/Bucharest) until 2026-06-06 13:00",
      untilMs: at("2026-06-06T10:00:00Z"),
    });
    expect(openingAt(newYork, at("2026-06-06T16:30:00Z")).open).toBe(true);
  });
});

describe("the answer", () => {
  it("names the window that opens", () => {
    expect(openingAt(shipped, bucharest("2026-06-02T21:00")).reason).toBe("in WEEKDAY 20:00–07:00 (Europe/Bucharest)");
    expect(openingAt(shipped, bucharest("2026-06-02T12:00")).reason).toBe("outside every window");
  });

  it("never opens without windows", () => {
    expect(openingAt({ ...shipped, allow: [] }, 0)).toEqual({
      open: false,
      reason: "no window ever allows releases",
      untilMs: null,
    });
  });

  it("has no end when nothing changes within eight days", () => {
    const always: Calendar = {
      ...shipped,
      allow: [{ kind: "weekly", days: ["DAILY"], startMinute: 0, endMinute: 1440 }],
    };
    expect(openingAt(always, bucharest("2026-03-25T12:00"))).toMatchObject({ open: true, untilMs: null });
    const later: ReleaseWindow = {
      kind: "fixed",
      fromMs: bucharest("2026-04-02T14:00"),
      untilMs: bucharest("2026-04-03T13:00"),
    };
    expect(openingAt({ ...always, block: [later] }, bucharest("2026-03-25T12:00")).untilMs).toBeNull();
    expect(openingAt({ ...always, block: [later] }, bucharest("2026-03-25T13:00")).untilMs).toBe(later.fromMs);
  });
});

describe("open spans", () => {
  const week = (calendar: Calendar): string[] =>
    openSpans(calendar, bucharest("2026-06-04T12:00"), bucharest("2026-06-09T12:00")).map(({ fromMs, untilMs }) =>
      [fromMs, untilMs]
        .map((ms) =>
          Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(calendar.zone).toPlainDateTime().toString(),
        )
        .join(" – "),
    );

  it("are what windows allow, joined, within the two moments", () => {
    expect(week(shipped)).toEqual([
      "2026-06-04T20:00:00 – 2026-06-05T07:00:00",
      "2026-06-05T20:00:00 – 2026-06-08T00:00:00",
      "2026-06-08T20:00:00 – 2026-06-09T07:00:00",
    ]);
  });

  it("leave out what blocks, and agree with each moment", () => {
    const block: ReleaseWindow = {
      kind: "fixed",
      fromMs: bucharest("2026-06-06T10:00"),
      untilMs: bucharest("2026-06-06T12:00"),
    };
    const blocked = { ...shipped, block: [block] };
    expect(week(blocked).slice(1, 3)).toEqual([
      "2026-06-05T20:00:00 – 2026-06-06T10:00:00",
      "2026-06-06T12:00:00 – 2026-06-08T00:00:00",
    ]);
    const spans = openSpans(blocked, bucharest("2026-06-04T12:00"), bucharest("2026-06-09T12:00"));
    for (let ms = bucharest("2026-06-04T12:00"); ms < bucharest("2026-06-09T12:00"); ms += 1_800_000)
      expect([ms, spans.some(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs)]).toEqual([
        ms,
        openingAt(blocked, ms).open,
      ]);
  });
});
