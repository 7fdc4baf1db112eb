import { describe, expect, it } from "vitest";

import { mostTriggers, Triggers } from "./triggers.ts";
import { type Claimant, turns } from "../decide/turn.ts";

const oneMore = (unfinished: number): number => unfinished + 1;
const none = new Map<string, number>();
const everyMs = 10_000;

/** Triggers that ask every 10 s, each at its own second. */
function asking(phases: Readonly<Record<string, number>>): Triggers {
  const triggers = new Triggers();
  for (const round of [0, 1])
    for (const [owner, phaseMs] of Object.entries(phases)) triggers.note(owner, oneMore, round * everyMs + phaseMs);
  return triggers;
}

const owners = (claimants: readonly Claimant[]): string[] => claimants.map(({ owner }) => owner);

describe("a slot that is free when somebody asks", () => {
  it("is kept for those before it in turn who ask within moments, not for all of them", () => {
    const triggers = asking({ a: 1000, b: 7000, c: 9000 });
    triggers.note("b", oneMore, 17_000 + everyMs);
    const nowMs = 29_500;
    const rivals = triggers.rivals("c", triggers.claimants(none, none), nowMs);
    expect(owners(rivals)).toEqual(["a", "c"]);
  });

  it("is kept for one who has asked but once, since nobody knows when it asks again", () => {
    const triggers = asking({ c: 9000 });
    triggers.note("new", oneMore, 20_000);
    expect(owners(triggers.rivals("c", triggers.claimants(none, none), 29_000))).toEqual(["c", "new"]);
  });

  it("is not kept for one who is a whole interval late", () => {
    const triggers = asking({ gone: 0, c: 9000 });
    triggers.note("c", oneMore, 31_000);
    expect(owners(triggers.rivals("c", triggers.claimants(none, none), 31_000))).toEqual(["c"]);
  });

  it("is not kept for one whose need is not known", () => {
    const triggers = asking({ c: 9000 });
    expect(triggers.claimants(new Map([["c", 3]]), new Map([["c", 1]]))).toMatchObject([
      { owner: "c", holds: 4, wants: 0 },
    ]);
  });

  it("comes to everybody, also to one that always asks just before it is free", () => {
    const phases = { unlucky: 0, b: 3000, c: 4000, d: 5000 };
    const triggers = asking(phases);
    const served: string[] = [];
    let free = 0;
    for (let round = 2; round < 42; round += 1) {
      for (const [owner, phaseMs] of Object.entries(phases)) {
        const nowMs = round * everyMs + phaseMs;
        if (owner === "b") free += 1;
        triggers.note(owner, oneMore, nowMs);
        const claimants = triggers.claimants(none, none);
        if (!turns(triggers.rivals(owner, claimants, nowMs), free).includes(owner)) continue;
        triggers.served(owner, 1, claimants, nowMs);
        served.push(owner);
        free -= 1;
      }
    }
    const times = Object.keys(phases).map((owner) => served.filter((one) => one === owner).length);
    expect(served.length).toBeGreaterThanOrEqual(39);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(4);
  });
});

describe("those who have asked", () => {
  it("are so many at most: who asked longest ago is forgotten", () => {
    const triggers = new Triggers();
    triggers.note("steady", oneMore, 0);
    for (let one = 0; one < 3 * mostTriggers; one += 1) {
      triggers.note(`made-up-${one}`, oneMore, one);
      if (one % 1_000 === 0) triggers.note("steady", oneMore, one);
    }
    const claimants = owners(triggers.claimants(none, none));
    expect(claimants).toHaveLength(mostTriggers);
    expect(claimants).toContain("steady");
    expect(claimants).not.toContain("made-up-0");
  });
});
