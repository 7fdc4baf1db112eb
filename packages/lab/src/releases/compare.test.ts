import { describe, expect, it } from "vitest";

import { compareRules, type Comparison } from "./compare.ts";
import { scenarioNames, sceneOf } from "./scenario.ts";
import { defaultPolicy } from "./testing.ts";

const weeks = scenarioNames.flatMap((scenario) => [1, 2, 3].map((seed) => ({ scenario, seed })));
/** Those that CARLA was compared with, and itself as it was. */
const known: ReadonlySet<string> = new Set(["fifo", "waves", "greedy", "prototype"]);
/** The rules look at the clock each tick. */
const tickHours = defaultPolicy.tickMs / 3_600_000;

describe.each(weeks)("a $scenario week, seed $seed", ({ scenario, seed }) => {
  const outcomes = compareRules(scenario, sceneOf({ scenario, seed, days: 7, policy: defaultPolicy }));
  const of = (rule: string): Comparison => {
    const found = outcomes.find((one) => one.rule === rule);
    if (!found) throw new Error(`no rule ${rule}`);
    return found;
  };
  const ours = of("walras");

  it("has changes to release and a clinic to disturb", () => {
    expect(ours.changes).toBeGreaterThan(40);
    expect(of("fifo").inClinicHours).toBeGreaterThan(50);
  });

  it("has no release of ours in clinic hours, outside a window, without consent or out of order", () => {
    const { inClinicHours, outsideWindow, withoutConsent, outOfOrder } = ours;
    expect({ inClinicHours, outsideWindow, withoutConsent, outOfOrder }).toEqual({
      inClinicHours: 0,
      outsideWindow: 0,
      withoutConsent: 0,
      outOfOrder: 0,
    });
  });

  it("has ours wait no longer than the best known rule without releases in clinic hours", () => {
    const others = outcomes.filter(({ rule, inClinicHours }) => known.has(rule) && inClinicHours === 0);
    expect(others.length).toBeGreaterThan(0);
    expect(ours.meanWaitHours).toBeLessThanOrEqual(Math.min(...others.map(({ meanWaitHours }) => meanWaitHours)));
  });

  it("has ours wait no longer, to a tick, than a queue under the same constraints", () => {
    const { inClinicHours, outOfOrder, withoutConsent, meanWaitHours } = of("fifo-careful");
    expect({ inClinicHours, outOfOrder, withoutConsent }).toEqual({
      inClinicHours: 0,
      outOfOrder: 0,
      withoutConsent: 0,
    });
    expect(ours.meanWaitHours).toBeLessThanOrEqual(meanWaitHours + tickHours);
  });

  it("has fewer failures of ours than of whoever looks only at the clock, and all contained", () => {
    expect(ours.failed).toBeLessThanOrEqual(of("fifo-in-window").failed);
    expect(ours.contained).toBe(ours.failed);
  });

  it("has ours keep within Rmax", () => {
    expect(ours.peakR).toBeLessThanOrEqual(defaultPolicy.rmax + 1e-9);
  });
});
