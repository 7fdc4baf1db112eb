import { describe, expect, it } from "vitest";

import { readTexts } from "./testing/readTexts.ts";

describe("freezes and budgets of the policy", () => {
  it("freeze and bound releases, in the policy's zone", () => {
    const { policy, apps } = readTexts(
      `
windows: { timezone: Europe/Bucharest }
rollout: { prune: true }
freeze:
  - { from: "2026-12-20T00:00", until: "2027-01-04T06:00Z", except: [a], in_flight: end, reason: audit }
  - {}
budgets: [{ name: x, selector: { team: y }, cluster: edge, maxParallel: 1, rmax: 2 }, { name: z, rmax: 0 }]
`,
      "apps: [{ name: a }, { name: b, prune: false }]",
    );
    expect(policy.freezes).toEqual([
      {
        fromMs: Date.parse("2026-12-19T22:00:00Z"),
        untilMs: Date.parse("2027-01-04T06:00:00Z"),
        except: new Set(["a"]),
        inFlight: "end",
        by: "audit",
      },
      { fromMs: 0, untilMs: null, except: new Set(), inFlight: "continue", by: "carla_policy.yaml" },
    ]);
    expect(policy.budgets).toEqual([
      { name: "x", selector: { team: "y" }, cluster: "edge", maxParallel: 1, rmax: 2 },
      { name: "z", selector: {}, cluster: null, maxParallel: null, rmax: 0 },
    ]);
    expect(apps.map(({ prune }) => prune)).toEqual([true, false]);
  });

  it("may have their numbers as text, as all of the policy", () => {
    const { policy } = readTexts('budgets: [{ name: x, maxParallel: "2", rmax: "1_0" }]');
    expect(policy.budgets).toMatchObject([{ maxParallel: 2, rmax: 10 }]);
    expect(() => readTexts('budgets: [{ name: x, maxParallel: "2.5" }]')).toThrow("budgets[0].maxParallel");
  });

  it("R8: have exceptions by name or namespace and name; one that may be several is refused, one that is none is told", () => {
    const apps = "apps: [{ name: team-a/web }, { name: team-b/web }, { name: base }]";
    const read = (except: string): readonly string[] =>
      readTexts(`freeze: [{}, { except: [${except}] }]`, apps).warnings;
    expect(read("team-a/web, base, argocd/base")).toEqual([]);
    expect(() => read("base, web")).toThrow('freeze[1].except[1]: "web" may be team-a/web or team-b/web: write which');
    expect(read("bass")).toEqual(['carla_policy.yaml:1 freeze[1].except[0]: "bass" is not the name of an application']);
  });

  it("are refused with a key that nobody knows", () => {
    expect(() => readTexts("freeze: [{ exept: [a] }]")).toThrow("freeze[0].exept");
    expect(() => readTexts("budgets: [{ name: x, rmax: 1, max_parallel: 1 }]")).toThrow("budgets[0].max_parallel");
    expect(readTexts("budgets: [{ name: x, rmax: 1, selector: { any/key: y } }]").warnings).toEqual([]);
  });
});
