import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { closedSince, openingAt } from "../calendar/open.ts";
import type { Freeze } from "../config/policy.ts";
import { decide } from "./decide.ts";
import type { ReleaseDecision } from "./decision.ts";
import { freezeOf, nextOpen, stopOf } from "./freeze.ts";
import { Openings } from "./openings.ts";
import { app, config, mondayNoon, names, reasonOf, snapshot, sunday } from "./testing.ts";

const hourMs = 3_600_000;
const freeze = (given: Partial<Freeze> = {}): Freeze => ({
  fromMs: sunday - hourMs,
  untilMs: sunday + hourMs,
  except: new Set(),
  inFlight: "continue",
  by: "dana",
  ...given,
});
const two = "apps: [{ name: a, r_i: 1 }, { name: b, r_i: 1 }]";

function frozen(freezes: readonly Freeze[] | null, policy = "", nowMs = sunday): ReleaseDecision {
  return decide(config(policy, two), snapshot({ a: app(), b: app() }, { freezes, nowMs }));
}

describe("freeze: what it holds", () => {
  it("is everything but the exceptions, and it says until when and whose it is", () => {
    const decision = frozen([freeze({ except: new Set(["b"]) })]);
    expect([names(decision), reasonOf(decision, "a")]).toEqual([["b"], "frozen"]);
    expect(decision.held[0]).toMatchObject({
      detail: "frozen until 2026-03-29T10:00:00Z (dana)",
      nextOpenMs: sunday + hourMs,
    });
    expect(frozen([freeze()])).toMatchObject({ selected: [], reason: "frozen" });
  });

  it("R8: is everything but those that an exception means, of several by one name none", () => {
    const apps = "apps: [{ name: team-a/web, r_i: 1 }, { name: team-b/web, r_i: 1 }, { name: base, r_i: 1 }]";
    const excepting = (...except: string[]): string[] => {
      const states = { "team-a/web": app(), "team-b/web": app(), base: app() };
      const freezes = [freeze({ except: new Set(except) })];
      return names(decide(config("", apps), snapshot(states, { freezes })));
    };
    expect(excepting("team-b/web")).toEqual(["team-b/web"]);
    expect(excepting("web")).toEqual([]);
    expect(excepting("base")).toEqual(["base"]);
    expect(excepting("argocd/base", "team-a/base")).toEqual(["base"]);
  });

  it("is nothing before it begins and after it ends", () => {
    expect(names(frozen([freeze({ fromMs: sunday + 1 })]))).toEqual(["a", "b"]);
    expect(names(frozen([freeze({ untilMs: sunday })]))).toEqual(["a", "b"]);
  });

  it("is everything while nobody knows whether there is one", () => {
    expect(reasonOf(frozen(null), "a")).toBe("unknown_freeze");
  });

  it("is also what the policy says", () => {
    const policy = 'freeze: [{ from: "2026-03-29T11:00", until: "2026-03-29T14:00", except: [b], reason: audit }]';
    const decision = frozen([], policy);
    expect(names(decision)).toEqual(["b"]);
    expect(decision.held[0]).toMatchObject({ reason: "frozen", detail: "frozen until 2026-03-29T11:00:00Z (audit)" });
    expect(frozen([], "freeze: [{}]").held[0]).toMatchObject({
      detail: "frozen until it is lifted (carla_policy.yaml)",
      nextOpenMs: null,
    });
  });
});

describe("nextOpen: when an application may go", () => {
  const next = (freezes: readonly Freeze[], nowMs: number): string | null => {
    const [first] = config("", two).apps;
    const ms = nextOpen(first!, { freezes, openings: new Openings() }, nowMs);
    return ms === null ? null : new Date(ms).toISOString();
  };

  it.each<[string, readonly Freeze[], number, string | null]>([
    ["outside a window", [], mondayNoon, "2026-03-30T17:00:00.000Z"],
    ["frozen into a closed window", [freeze({ untilMs: mondayNoon })], sunday, "2026-03-30T17:00:00.000Z"],
    [
      "frozen, then frozen again",
      [freeze(), freeze({ fromMs: sunday, untilMs: sunday + 2 * hourMs })],
      sunday,
      "2026-03-29T11:00:00.000Z",
    ],
    ["frozen until somebody lifts it", [freeze({ untilMs: null })], sunday, null],
    ["open now", [], sunday, "2026-03-29T09:00:00.000Z"],
  ])("%s", (_, freezes, nowMs, expected) => expect(next(freezes, nowMs)).toBe(expected));

  it("is found behind weeks of blocks, and not where no window ever opens", () => {
    const blocks =
      'windows: { allow: [{ day: DAILY, start: "10:00", end: "11:00" }], block: [{ from: "2026-03-01T00:00", until: "2026-05-15T00:00" }] }';
    const read = (text: string): ReturnType<typeof config> => config("", `apps: [{ name: a, r_i: 1, ${text} }]`);
    const opens = (text: string): number | null =>
      nextOpen(read(text).apps[0]!, { freezes: [], openings: new Openings() }, sunday);
    expect(new Date(opens(blocks) ?? 0).toISOString()).toBe("2026-05-15T07:00:00.000Z");
    expect(opens("windows: { allow: [] }")).toBeNull();
  });

  it("is in every hold that a window makes, also in one that is too short", () => {
    const closed = decide(config("", two), snapshot({ a: app() }, { nowMs: mondayNoon }));
    expect(closed.held[0]).toMatchObject({
      reason: "outside_allowed_window",
      nextOpenMs: Date.parse("2026-03-30T17:00:00Z"),
    });
    const nowMs = Date.parse("2026-03-31T03:59:00Z");
    const short = decide(config("", two), snapshot({ a: app({ expectedMs: 90_000 }) }, { nowMs }));
    expect(short.held[0]).toMatchObject({ reason: "window_too_short", nextOpenMs: Date.parse("2026-03-31T17:00:00Z") });
  });
});

describe("what stands against a release", () => {
  const [first] = config("", two).apps;

  it("is a closed window, since when it closed; a freeze, since it began", () => {
    expect(stopOf(first!, [], sunday)).toBeNull();
    expect(stopOf(first!, [], mondayNoon)).toEqual({
      reason: "window_closed",
      sinceMs: Date.parse("2026-03-29T21:00:00Z"),
      scope: "unbegun",
    });
    expect(stopOf(first!, [freeze()], sunday)).toEqual({
      reason: "frozen",
      sinceMs: sunday - hourMs,
      scope: "unbegun",
    });
    const ending = freeze({ inFlight: "end", fromMs: sunday, untilMs: sunday + 1 });
    expect(stopOf(first!, [freeze(), ending], sunday)).toEqual({ reason: "frozen", sinceMs: sunday, scope: "all" });
    expect(stopOf(first!, [freeze({ except: new Set(["a"]) })], sunday)).toBeNull();
    expect(freezeOf("a", [freeze(), freeze({ untilMs: null, by: "x" })], sunday)?.by).toBe("x");
  });

  it("closed when it was open last: a millisecond before, and not since", () => {
    const blocked = 'apps: [{ name: a, windows: { block: [{ day: DAILY, start: "02:00", end: "03:30" }] } }]';
    for (const { calendar } of [...config("", two).apps, ...config("", blocked).apps])
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 14 * 24 * 60 }), (minute) => {
          const nowMs = sunday + minute * 60_000;
          if (openingAt(calendar, nowMs).open) return;
          const since = closedSince(calendar, nowMs)!;
          expect(openingAt(calendar, since - 1).open).toBe(true);
          expect(openingAt(calendar, since).open).toBe(false);
          const { untilMs } = openingAt(calendar, since);
          expect(untilMs === null || untilMs > nowMs).toBe(true);
        }),
        { numRuns: 60 },
      );
  });
});
