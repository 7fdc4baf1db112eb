import { describe, expect, it } from "vitest";

import { PodSamples, type Sample, sampleBounds } from "./samples.ts";

const bounds = { everyMs: 2_000, points: 4, pods: 2 };

function sample(used: number | null): Sample {
  return { used, throttled: 0, limit: null, request: 100, price: 0.5 };
}

describe("samples of pods", () => {
  it("are columns from the first look on, oldest first, and the last so many", () => {
    const samples = new PodSamples(bounds);
    samples.look(0, () => sample(1));
    samples.admit("a");
    expect(samples.sinceMs("a")).toBeNull();
    for (let look = 1; look <= 3; look += 1) samples.look(2_000 * look, () => sample(look === 2 ? null : look * 100));
    expect(samples.points("a")).toEqual({
      t: [2, 4, 6],
      used: [100, null, 300],
      throttled: [0, 0, 0],
      limit: [null, null, null],
      request: [100, 100, 100],
      price: [0.5, 0.5, 0.5],
    });
    expect(samples.sinceMs("a")).toBe(2_000);
    for (let look = 4; look <= 6; look += 1) samples.look(2_000 * look, () => sample(look * 100));
    expect(samples.points("a").t).toEqual([6, 8, 10, 12]);
    expect(samples.points("a").used).toEqual([300, 400, 500, 600]);
  });

  it("have places for so many, of which who is looked at takes the one that nobody looked at for longest", () => {
    const samples = new PodSamples(bounds);
    for (const uid of ["a", "b", "c"]) samples.admit(uid);
    expect([...samples.uids]).toEqual(["a", "b"]);
    samples.lookAt("a");
    samples.lookAt("d");
    expect([...samples.uids]).toEqual(["a", "d"]);
    expect(samples.points("b").t).toEqual([]);
  });

  it("forget a pod that is gone", () => {
    const samples = new PodSamples(bounds);
    samples.admit("a");
    samples.look(0, () => null);
    expect([...samples.uids]).toEqual([]);
  });

  it("take 32 MiB at most", () => {
    const bytes = sampleBounds.pods * sampleBounds.points * 5 * Float32Array.BYTES_PER_ELEMENT;
    expect(bytes).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect(sampleBounds.pods).toBeGreaterThan(3_000);
  });
});
