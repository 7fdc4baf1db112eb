import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decide } from "./decide.ts";
import { firstPace, paceAfter, type Queue } from "./queue.ts";
import { app, config, names, only, snapshot } from "./testing.ts";

const second = { begunMs: [], waitingMs: [], elapsedMs: 1_000 };

describe("how much Argo CD may be asked for at a time", () => {
  it("doubles while as much as may be is begun at once, and halves while something waits", () => {
    const prompt = paceAfter(firstPace, { ...second, begunMs: [400, 900], waitingMs: [100, 100] });
    expect(prompt.most).toBe(8);
    const slow = paceAfter(prompt, { ...second, begunMs: [400], waitingMs: [1_600] });
    expect(slow.most).toBe(4);
    expect(paceAfter(slow, { ...second, begunMs: [4_000, 10, 10, 10] }).most).toBe(4);
    expect(paceAfter(slow, second).most).toBe(4);
  });

  it("does not grow by what was not tried", () => {
    expect(paceAfter(firstPace, { ...second, begunMs: [400, 900, 900] }).most).toBe(4);
    expect(paceAfter(firstPace, { ...second, waitingMs: [400, 900, 900, 100] }).most).toBe(4);
  });

  it("grows one by one when it has been too much once", () => {
    const slow = paceAfter(firstPace, { ...second, waitingMs: [2_000] });
    const again = paceAfter(slow, { ...second, begunMs: [500, 500] });
    expect([slow.most, again.most]).toEqual([2, 3]);
  });

  it("remembers the longest wait, less and less of it", () => {
    const slow = paceAfter(firstPace, { ...second, waitingMs: [12_000], begunMs: [300] });
    expect(slow.waitMs).toBe(12_000);
    expect(paceAfter(slow, { ...second, elapsedMs: 300_000 }).waitMs).toBeCloseTo(6_000);
    expect(paceAfter(slow, { ...second, begunMs: [20_000] }).waitMs).toBe(20_000);
  });

  it("is at least one and never without end, whatever it does", () => {
    const ms = fc.nat(60_000);
    const look = fc.record({ begunMs: fc.array(ms), waitingMs: fc.array(ms), elapsedMs: ms });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 40 }), (looks) => {
        for (const { most, waitMs } of [looks.reduce(paceAfter, firstPace)]) {
          expect(most).toBeGreaterThanOrEqual(1);
          expect(most).toBeLessThanOrEqual(1_024);
          expect(waitMs).toBeLessThanOrEqual(60_000);
        }
      }),
    );
  });
});

describe("a decision while Argo CD has something yet to begin", () => {
  const many = Array.from({ length: 9 }, (_, index) => `a${index}`);
  const apps = `apps: [${many.map((name) => `{ name: ${name}, r_i: 0.1 }`).join(", ")}]`;
  const all = Object.fromEntries(many.map((name) => [name, app()]));
  const decided = (queue: Queue, parallel = 9): ReturnType<typeof decide> =>
    decide(config(`tick: { max_parallel_triggers: ${parallel} }`, apps), snapshot(all, { queue }));

  it("asks for no more than may wait, and tells the others", () => {
    const decision = decided({ most: 4, waitMs: 0, notBegun: 1 });
    expect(names(decision)).toHaveLength(3);
    const full = decided({ most: 2, waitMs: 0, notBegun: 3 });
    expect(names(full)).toEqual([]);
    expect(full.held[0]).toMatchObject({
      reason: "no_room_now",
      detail: "Argo CD has yet to begin 3 of what it was asked for: no more than 2 at a time",
    });
  });

  it("keeps to the policy where that allows less", () => {
    expect(names(decided({ most: 8, waitMs: 0, notBegun: 0 }, 2))).toHaveLength(2);
  });

  it("asks for nothing that it may begin only when the window has ended", () => {
    const tenSecondsBeforeSeven = Date.parse("2026-03-31T03:59:50Z");
    const late = (waitMs: number): ReturnType<typeof decide> =>
      only({ expectedMs: 3_000 }, { nowMs: tenSecondsBeforeSeven, queue: { most: 4, notBegun: 0, waitMs } });
    expect(names(late(9_000))).toEqual(["a"]);
    expect(late(12_000).held[0]).toMatchObject({
      reason: "window_too_short",
      detail: expect.stringContaining(
        "Argo CD takes up to 12 s to begin one and the window ends at 2026-03-31T04:00:00Z",
      ),
    });
  });
});
