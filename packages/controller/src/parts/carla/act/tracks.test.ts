import { describe, expect, it } from "vitest";

import { Tracks } from "./tracks.ts";

const backoff = { backoffFirstMs: 60_000, backoffMaxMs: 300_000 };

describe("what an application's releases came to", () => {
  it("doubles the wait with each failure in a row, up to a bound, and forgives by a success", () => {
    const tracks = new Tracks();
    const waits = [0, 1, 2, 3, 4].map((_, index) => {
      const atMs = index * 1_000_000;
      tracks.failed("app", atMs, backoff);
      return tracks.track("app", atMs).retryAtMs! - atMs;
    });
    expect(waits).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
    tracks.succeeded("app", { tookMs: 20_000, revisions: ["r1"], settled: null, atMs: 1 }, 0.2);
    expect(tracks.track("app", 5_000_000)).toEqual({
      failedAtMs: [],
      retryAtMs: null,
      condemnedRevision: null,
      settled: null,
    });
  });

  it("averages durations by the prototype's formula", () => {
    const tracks = new Tracks();
    expect(tracks.averageMs("app")).toBeNull();
    for (const tookMs of [20_000, 30_000, 10_000])
      tracks.succeeded("app", { tookMs, revisions: ["r"], settled: null, atMs: 1 }, 0.2);
    expect(tracks.averageMs("app")).toBeCloseTo(0.8 * (0.8 * 20_000 + 0.2 * 30_000) + 0.2 * 10_000, 6);
  });

  it("keeps a condemned revision over a success, and forgets old failures", () => {
    const tracks = new Tracks();
    tracks.failed("app", 0, backoff);
    tracks.condemned("app", "r2", 0);
    const fortnightMs = 14 * 24 * 3_600_000;
    expect(tracks.track("app", fortnightMs)).toMatchObject({ failedAtMs: [], condemnedRevision: "r2" });
    tracks.succeeded("app", { tookMs: 1, revisions: ["r1"], settled: null, atMs: 1 }, 0.2);
    expect(tracks.track("app", 1).condemnedRevision).toBe("r2");
  });

  it("is postponed without a failure", () => {
    const tracks = new Tracks();
    tracks.postponed("app", 5_000);
    expect(tracks.track("app", 0)).toMatchObject({ failedAtMs: [], retryAtMs: 5_000 });
  });
});
