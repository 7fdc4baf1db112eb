import { dashboardReleases } from "@walras/api";
import { expect, it } from "vitest";

import type { Calendar } from "../calendar/calendar.ts";
import { decide } from "../decide/decide.ts";
import { allPending, app, config, mondayNoon, snapshot } from "../decide/testing.ts";
import { releasesOf, type ReleasesNow } from "./dashboard.ts";

const calendar: Calendar = {
  zone: "Europe/Bucharest",
  allow: [{ kind: "weekly", days: ["DAILY"], startMinute: 1200, endMinute: 420 }],
  block: [],
  holidays: new Set(),
  holidayAs: "WEEKEND",
};

const now: ReleasesNow = {
  nowMs: mondayNoon,
  decision: null,
  releases: [],
  calendar,
  opening: { open: false, reason: "outside every window", untilMs: mondayNoon + 3_600_000 },
  usageSource: "agents",
  freezes: [{ fromMs: mondayNoon, untilMs: null, except: new Set(["metallb"]), inFlight: "continue", by: "on call" }],
  freezeTrouble: null,
  notSynced: new Map(),
  configError: null,
};

it("shows what waits with what holds it, the highest score first, on the calendar of the next week", () => {
  const seen = snapshot({ ...allPending, "onco-app": app({ health: "Degraded" }) }, { nowMs: mondayNoon });
  const decision = decide(config(), seen);
  const shown = dashboardReleases.parse(releasesOf({ ...now, decision }));
  const queued = [...decision.selected, ...decision.held].map(({ name }) => name);
  expect(shown.queue.map((one) => one.app).toSorted()).toEqual(queued.toSorted());
  expect(shown.queue.filter(({ selected }) => !selected).map(({ score }) => score.total)).toEqual(
    decision.held.map(({ score }) => score.total).toSorted((one, other) => other - one),
  );
  for (const { name, reason, detail } of decision.held)
    expect(shown.queue.find((one) => one.app === name)).toMatchObject({ selected: false, reason, detail });
  expect(shown.calendar).toHaveLength(7);
  expect(shown.freezes).toEqual([{ fromMs: mondayNoon, untilMs: null, except: ["metallb"], by: "on call" }]);
});

it("has no queue before the first tick, and does not know freezes that it cannot read", () => {
  const shown = dashboardReleases.parse(releasesOf({ ...now, freezes: null, freezeTrouble: "forbidden" }));
  expect(shown).toMatchObject({ atMs: null, queue: [], freezes: null, freezeTrouble: "forbidden", headroom: null });
});
