import { seededRng } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { arrivalTimes, sideBySide } from "./arrivals.ts";

describe("arrivals of an open loop", () => {
  it("come a fixed time apart where they are even, and phases follow each other", () => {
    const phases = [
      { seconds: 1, perSecond: 2 },
      { seconds: 1, perSecond: 4 },
    ];
    const times = arrivalTimes({ arrivals: "even", seconds: 3 }, phases, seededRng(1));
    expect(times).toEqual([0, 500, 1000, 1250, 1500, 1750, 2000, 2500]);
  });

  it("carry a gap over phases that are shorter than one", () => {
    const phases = [{ seconds: 0.1, perSecond: 1 }];
    const times = arrivalTimes({ arrivals: "even", seconds: 3 }, phases, seededRng(1));
    expect(times.map(Math.round)).toEqual([0, 1000, 2000]);
  });

  it("come at the phase's rate where they are random, and not in a phase without any", () => {
    const phases = [
      { seconds: 10, perSecond: 50 },
      { seconds: 10, perSecond: 0 },
    ];
    const times = arrivalTimes({ arrivals: "poisson", seconds: 200 }, phases, seededRng(3));
    expect(times.length / 5_000).toBeCloseTo(1, 1);
    expect(times.filter((atMs) => atMs % 20_000 >= 10_000)).toEqual([]);
  });

  it("are the same for every policy, and each goes first in turn", () => {
    const arrivals = sideBySide([0, 5_000], 2, { apartMs: 10, costMs: 3 });
    expect(arrivals).toEqual([
      { atMs: 0, target: 0, costMs: 3 },
      { atMs: 10, target: 1, costMs: 3 },
      { atMs: 5_000, target: 1, costMs: 3 },
      { atMs: 5_010, target: 0, costMs: 3 },
    ]);
  });

  it("keep their turn where one request of all takes longer than a turn", () => {
    const arrivals = sideBySide([0, 20_000], 2, { apartMs: 5_000, costMs: 2_000 });
    expect(arrivals.map(({ atMs, target }) => [atMs, target])).toEqual([
      [0, 0],
      [5_000, 1],
      [20_000, 0],
      [25_000, 1],
    ]);
  });
});
