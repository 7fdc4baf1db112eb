import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Hold, NodeRoom } from "./room.ts";

describe("room on a node", () => {
  it("is taken until it is given back", () => {
    const room = new NodeRoom();
    const hold = room.take("n1", "a", 300);
    room.take("n1", "b", 200);
    room.take("n2", "a", 50);
    expect(room.held("n1")).toEqual(
      new Map([
        ["a", 300],
        ["b", 200],
      ]),
    );
    expect([room.heldByOthers("n1", "a"), room.heldByOthers("n1", "c")]).toEqual([200, 500]);
    hold.giveBack();
    hold.giveBack();
    expect(room.held("n1")).toEqual(new Map([["b", 200]]));
  });

  it("stays taken after the answer until the view shows what was written", () => {
    const room = new NodeRoom();
    let seen = false;
    room.take("n1", "a", 300).until(() => seen);
    expect(room.held("n1").get("a")).toBe(300);
    seen = true;
    expect(room.held("n1").size).toBe(0);
  });

  it("counts the largest of one taker's writes, since each begins where the pod is now", () => {
    const room = new NodeRoom();
    const first = room.take("n1", "a", 300);
    const second = room.take("n1", "a", 100);
    expect(room.held("n1").get("a")).toBe(300);
    first.giveBack();
    expect(room.held("n1").get("a")).toBe(100);
    second.giveBack();
    expect(room.held("n1").size).toBe(0);
  });

  it("is forgotten with its taker", () => {
    const room = new NodeRoom();
    const hold = room.take("n1", "a", 300);
    room.forget("n1", "a");
    hold.giveBack();
    expect(room.heldByOthers("n1", "b")).toBe(0);
  });

  it("is all there again once every hold has ended, however they end", () => {
    const steps = fc.array(
      fc.record({ taker: fc.constantFrom("a", "b", "c"), amount: fc.nat(500), seen: fc.boolean() }),
    );
    fc.assert(
      fc.property(steps, (taken) => {
        const room = new NodeRoom();
        const holds = taken.map(({ taker, amount, seen }) => ({ hold: room.take("n1", taker, amount), seen }));
        for (const { hold, seen } of holds) {
          if (seen) hold.until(() => true);
          else hold.giveBack();
        }
        expect(room.held("n1").size).toBe(0);
      }),
    );
  });

  it("is for each taker what the others' largest writes add up to, whatever came and went", () => {
    const step = fc.record({
      what: fc.constantFrom("take", "giveBack", "answered", "seen", "forget"),
      node: fc.constantFrom("n1", "n2"),
      taker: fc.constantFrom("a", "b", "c"),
      amount: fc.nat(500),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const room = new NodeRoom();
        const all: { hold: Hold; node: string; taker: string; amount: number; answered: boolean; seen: boolean }[] = [];
        let live: typeof all = [];
        for (const { what, node, taker, amount, which } of steps) {
          const one = all[which % all.length];
          if (what === "take") {
            const taken = { hold: room.take(node, taker, amount), node, taker, amount, answered: false, seen: false };
            all.push(taken);
            live.push(taken);
          } else if (what === "forget") {
            room.forget(node, taker);
            live = live.filter((other) => other.node !== node || other.taker !== taker);
          } else if (one && what === "giveBack") {
            one.hold.giveBack();
            live = live.filter((other) => other !== one);
          } else if (one && what === "answered") {
            one.hold.until(() => one.seen);
            one.answered = true;
          } else if (one) one.seen = true;
          live = live.filter((other) => !other.answered || !other.seen);
          for (const [asked, self] of [
            ["n1", "a"],
            ["n1", "d"],
            ["n2", "b"],
          ] as const)
            expect(room.heldByOthers(asked, self)).toBe(naive(live, asked, self));
        }
      }),
    );
  });
});

/** Summed anew. */
function naive(
  live: readonly { readonly node: string; readonly taker: string; readonly amount: number }[],
  node: string,
  self: string,
): number {
  const largest = new Map<string, number>();
  for (const one of live)
    if (one.node === node && one.taker !== self)
      largest.set(one.taker, Math.max(largest.get(one.taker) ?? 0, one.amount));
  return [...largest.values()].reduce((sum, amount) => sum + amount, 0);
}
