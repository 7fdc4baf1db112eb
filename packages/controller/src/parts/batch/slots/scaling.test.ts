import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { jobsToCreate } from "./testing/keda.ts";
import { defaultScaling, mostNew, type Scaling, valueFor } from "../decide/scaling.ts";

const scalings: fc.Arbitrary<Scaling> = fc.record({
  maxReplicas: fc.integer({ min: 0, max: 20 }),
  minReplicas: fc.integer({ min: 0, max: 6 }),
  strategy: fc.constantFrom("default", "custom", "accurate", "eager"),
  deduction: fc.integer({ min: 0, max: 5 }),
  runningShare: fc.constantFrom(0, 0.3, 0.5, 1),
  combined: fc.constantFrom("max", "min", "avg", "sum"),
  pendingConditions: fc.constant([]),
});

const counted = fc
  .tuple(fc.integer({ min: 0, max: 25 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([running, pendingShare]) => ({ running, pending: Math.floor(running * pendingShare) }));

const shares = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
const between = (least: number, most: number, share: number): number => least + Math.round((most - least) * share);

describe("B5: KEDA makes exactly as many jobs as slots were granted", () => {
  it("under every strategy, whatever runs or is pending, for every target", () => {
    fc.assert(
      fc.property(
        scalings,
        counted,
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom(1, 2, 10),
        (scaling, counts, wished, target) => {
          const { running } = counts;
          const jobs = Math.min(wished, mostNew(scaling, counts));
          const value = valueFor(scaling, counts, jobs);
          const made = jobsToCreate(scaling, counts, [{ queueLength: value * target, active: value > 0, target }]);
          // Below its minimum KEDA fills that up by itself.
          expect(made).toBe(running < scaling.minReplicas ? scaling.minReplicas - running : jobs);
          expect(running + jobs).toBeLessThanOrEqual(Math.max(running, scaling.maxReplicas));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("and never more where it counts fewer that run or wait than there were when it asked", () => {
    fc.assert(
      fc.property(
        scalings,
        counted,
        fc.record({ least: shares, seen: shares }),
        fc.integer({ min: 0, max: 30 }),
        (scaling, most, at, wished) => {
          const least = {
            running: between(0, most.running, at.least[0]),
            pending: between(0, most.pending, at.least[1]),
          };
          const running = between(least.running, most.running, at.seen[0]);
          const seen = { running, pending: between(least.pending, most.pending, at.seen[1]) };
          fc.pre(running >= scaling.minReplicas);
          const jobs = Math.min(wished, mostNew(scaling, most));
          const value = valueFor(scaling, least, jobs);
          const made = jobsToCreate(scaling, seen, [{ queueLength: value, active: value > 0, target: 1 }]);
          expect(made).toBeLessThanOrEqual(jobs);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["default", {}, { running: 2, pending: 1 }, 3],
    ["accurate", { strategy: "accurate" }, { running: 2, pending: 1 }, 2],
    ["accurate, nothing pending", { strategy: "accurate" }, { running: 2, pending: 0 }, 1],
    ["eager", { strategy: "eager" }, { running: 2, pending: 1 }, 1],
    ["custom", { strategy: "custom", deduction: 1, runningShare: 0.5 }, { running: 2, pending: 1 }, 3],
    ["with a minimum", { minReplicas: 1 }, { running: 2, pending: 0 }, 2],
  ] as const)("%s: one slot more", (_, given, counts, value) => {
    const scaling = { ...defaultScaling, ...given };
    expect(valueFor(scaling, counts, 1)).toBe(value);
    expect(jobsToCreate(scaling, counts, [{ queueLength: value, active: true, target: 1 }])).toBe(1);
  });

  it("as its own arithmetic has it", () => {
    const poll = { queueLength: 0, active: true, target: 1 };
    const none = { running: 0, pending: 0 };
    const three = { ...defaultScaling, maxReplicas: 3 };
    expect(jobsToCreate(three, none, [{ ...poll, queueLength: 30, target: 10 }])).toBe(3);
    expect(jobsToCreate(three, { ...none, running: 2 }, [{ ...poll, queueLength: 30, target: 10 }])).toBe(1);
    expect(jobsToCreate(defaultScaling, { ...none, running: 3 }, [{ ...poll, queueLength: 3 }])).toBe(0);
    expect(jobsToCreate(defaultScaling, none, [{ ...poll, queueLength: 0.2 }])).toBe(1);
    expect(jobsToCreate(defaultScaling, none, [{ ...poll, queueLength: 5, active: false }])).toBe(0);
    expect(jobsToCreate({ ...defaultScaling, minReplicas: 2 }, none, [{ ...poll, active: false }])).toBe(2);
  });
});
