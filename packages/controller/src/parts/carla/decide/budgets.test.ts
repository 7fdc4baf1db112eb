import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import type { ReleaseDecision } from "./decision.ts";
import type { AppSnapshot } from "./snapshot.ts";
import { app, config, names, reasonOf, snapshot, sunday } from "./testing.ts";

const team = (name: string): Partial<AppSnapshot> => ({ labels: { team: name } });
const on = (cluster: string): Partial<AppSnapshot> => ({ clusters: [cluster] });
const five = "apps: [a, b, c, d, e]".replaceAll(/\b([a-e])\b/g, "{ name: $1, r_i: 1 }");

function choose(budgets: string, states: Readonly<Record<string, Partial<AppSnapshot>>>, apps = five): ReleaseDecision {
  const policy = `tick: { max_parallel_triggers: 5 }\nbudgets: [${budgets}]`;
  const pending = Object.entries(states).map(([name, given]) => [name, app(given)] as const);
  return decide(config(policy, apps), snapshot(Object.fromEntries(pending)));
}

describe("budgets", () => {
  it("of a label bound how many of a group go at once, and the others take the room", () => {
    const decision = choose("{ name: onco, selector: { team: onco }, maxParallel: 1 }", {
      a: team("onco"),
      b: team("onco"),
      c: team("onco"),
      d: team("lab"),
      e: {},
    });
    expect(names(decision)).toEqual(["a", "d", "e"]);
    expect(decision).toMatchObject({ reason: "greedy" });
    expect(decision.held).toMatchObject([
      { name: "b", reason: "budget_spent", detail: "budget onco: 1 of 1 releases are under way" },
      { name: "c", reason: "budget_spent" },
    ]);
  });

  it("of a cluster count what is in flight there, by name or address", () => {
    const edge = "{ name: edge, cluster: edge-1, rmax: 2 }";
    const decision = choose(edge, {
      a: { ...on("edge-1"), inFlight: true },
      b: on("edge-1"),
      c: { clusters: ["x", "edge-1"] },
      d: on("core"),
    });
    expect(names(decision)).toEqual(["b", "d"]);
    expect(decision.held.find(({ name }) => name === "c")?.detail).toBe("budget edge: needs 1, 0 of 2 is left");
  });

  it("of each cluster are one for each", () => {
    const decision = choose('{ name: each, cluster: "*", maxParallel: 1 }', {
      a: on("one"),
      b: on("one"),
      c: on("two"),
      d: on("two"),
      e: {},
    });
    expect(names(decision)).toEqual(["a", "c", "e"]);
    expect(decision.held[0]?.detail).toBe("budget each of one: 1 of 1 releases are under way");
  });

  it("of label and cluster together are of those that are in both", () => {
    const both = "{ name: both, selector: { team: onco }, cluster: one, maxParallel: 0 }";
    const decision = choose(both, { a: { ...team("onco"), ...on("one") }, b: team("onco"), c: on("one") });
    expect([names(decision), reasonOf(decision, "a")]).toEqual([["b", "c"], "budget_spent"]);
  });

  it("keep no room for one that starves while its budget is spent", () => {
    const starving = { ...team("onco"), pendingSinceMs: sunday - 48 * 3_600_000 };
    const decision = choose("{ name: onco, selector: { team: onco }, maxParallel: 1 }", {
      a: { ...team("onco"), inFlight: true },
      b: starving,
      c: {},
    });
    expect([names(decision), reasonOf(decision, "b")]).toEqual([["c"], "budget_spent"]);
  });

  it("are refused where they limit nothing, or share a name", () => {
    const read = (budgets: string): unknown => config(`budgets: [${budgets}]`);
    expect(() => read("{ name: x }")).toThrow(/budgets\[0\].*limits neither maxParallel nor rmax/);
    expect(() => read("{ name: x, rmax: 1 }, { name: x, rmax: 2 }")).toThrow(/is the name of another budget too/);
  });

  it("are never overdrawn, and leave nobody out for whom there is room", () => {
    const state = fc.record({
      team: fc.constantFrom("x", "y", "z"),
      cluster: fc.constantFrom("one", "two"),
      inFlight: fc.boolean(),
      r: fc.integer({ min: 1, max: 4 }),
    });
    const budgets =
      '{ name: x, selector: { team: x }, rmax: 5 }, { name: each, cluster: "*", maxParallel: 2 }, { name: y, selector: { team: y }, maxParallel: 1 }';
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 12 }), (apps) => {
        const text = `apps: [${apps.map(({ r }, index) => `{ name: n${index}, r_i: ${r} }`).join(", ")}]`;
        const states = apps.map(({ team: label, cluster, inFlight }, index) => [
          `n${index}`,
          { ...team(label), ...on(cluster), inFlight },
        ]);
        const decision = choose(budgets, Object.fromEntries(states) as Record<string, Partial<AppSnapshot>>, text);
        const chosen = apps.filter((_, index) => names(decision).includes(`n${index}`));
        const running = apps.filter(({ inFlight }) => inFlight);
        const sums = (of: typeof apps): number[] => [
          of.filter((one) => one.team === "x").reduce((sum, { r }) => sum + r, 0) - 5,
          ...["one", "two"].map((name) => of.filter(({ cluster }) => cluster === name).length - 2),
          of.filter((one) => one.team === "y").length - 1,
          of.reduce((sum, { r }) => sum + r, 0) - 6,
          of.length - 5,
        ];
        const before = sums(running);
        const after = sums([...running, ...chosen]);
        for (const [index, over] of after.entries()) if (over > 0) expect(over).toBe(before[index]);
        for (const [index, one] of apps.entries()) {
          const isLeft = decision.held.some(({ name, reason }) => name === `n${index}` && reason === "budget_spent");
          if (isLeft) expect(Math.max(...sums([...running, ...chosen, one]))).toBeGreaterThan(0);
        }
      }),
      { numRuns: 200 },
    );
  });
});
