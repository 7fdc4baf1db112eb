import type { Report } from "@walras/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ContainerSample } from "../sample/sampler.ts";
import { readingOf, sampleOf } from "../testing/readings.ts";
import { wireLimits, type WireLimits, wireSample, type WireSample } from "./deadband.ts";
import { ReportEncoder } from "./reportEncoder.ts";

interface Heard {
  readonly containerId: string;
  sample?: WireSample;
  limits?: WireLimits;
}

/** The other end: joins reports to what they tell. */
class Listener {
  readonly heard = new Map<number, Heard>();

  hear({ full, introduced, gone, samples, limits }: Report): void {
    if (full) this.heard.clear();
    for (const handle of gone) expect(this.heard.delete(handle)).toBe(true);
    for (const { handle, containerId } of introduced) this.heard.set(handle, { containerId });
    samples?.handle.forEach((handle, index) => {
      this.#of(handle).sample = {
        usageMilli: samples.usageMilli[index] ?? NaN,
        throttledPermille: samples.throttledPermille[index] ?? NaN,
        throttledMilli: samples.throttledMilli[index] ?? NaN,
        pressurePermille: samples.pressurePermille[index] ?? NaN,
      };
    });
    for (const { handle, ...rest } of limits) this.#of(handle).limits = rest;
  }

  #of(handle: number): Heard {
    const one = this.heard.get(handle);
    if (!one) throw new Error(`handle ${handle} was never introduced`);
    return one;
  }
}

const ratio = fc.option(fc.double({ min: 0, max: 1, noNaN: true }));
const milli = fc.double({ min: 0, max: 4000, noNaN: true });
const sample: fc.Arbitrary<Partial<ContainerSample>> = fc.record({
  usageMilli: milli,
  throttledRatio: ratio,
  throttledMilli: milli,
  pressureRatio: ratio,
  quotaMilli: fc.option(milli, { nil: null }),
});
const round = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), sample);

describe("reports", () => {
  it("tell the whole truth within the deadband, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(round, fc.boolean()), { maxLength: 12 }), (rounds) => {
        const encoder = new ReportEncoder();
        const listener = new Listener();
        for (const [index, [containers, again]] of rounds.entries()) {
          if (again) encoder.tellAll();
          const samples = Object.entries(containers).map(([id, given]) => sampleOf(id, given));
          const report = encoder.encode(readingOf(samples));
          expect(report.sequence).toBe(index + 1);
          expect(report.full).toBe(again || index === 0);
          listener.hear(report);
          expect([...listener.heard.values()].map((one) => one.containerId).toSorted()).toEqual(
            samples.map((one) => one.containerId).toSorted(),
          );
          for (const one of listener.heard.values()) {
            const now = samples.find((other) => other.containerId === one.containerId)!;
            const exact = wireSample(now);
            expect(one.limits).toEqual(wireLimits(now));
            expect(Math.abs(one.sample!.usageMilli - exact.usageMilli)).toBeLessThanOrEqual(
              Math.max(2, one.sample!.usageMilli * 0.02),
            );
            expect(one.sample!.throttledPermille < 0).toBe(exact.throttledPermille < 0);
            expect(Math.abs(one.sample!.throttledPermille - exact.throttledPermille)).toBeLessThanOrEqual(10);
          }
        }
      }),
    );
  });

  it("say nothing of what has not changed", () => {
    const encoder = new ReportEncoder();
    encoder.encode(readingOf([sampleOf("a", { usageMilli: 500 })]));
    const still = encoder.encode(readingOf([sampleOf("a", { usageMilli: 509 })]));
    expect(still).toMatchObject({ introduced: [], gone: [], limits: [], full: false });
    expect(still.samples).toBeUndefined();
    const moved = encoder.encode(readingOf([sampleOf("a", { usageMilli: 511 })]));
    expect(moved.samples).toMatchObject({ handle: [1], usageMilli: [511] });
  });

  it("notice a slow drift: the deadband is around what was told", () => {
    const encoder = new ReportEncoder();
    const told: number[] = [];
    for (let usageMilli = 100; usageMilli <= 120; usageMilli += 1) {
      told.push(...(encoder.encode(readingOf([sampleOf("a", { usageMilli })])).samples?.usageMilli ?? []));
    }
    expect(told).toEqual([100, 103, 106, 109, 112, 115, 118]);
  });

  it("let a container whose window is unknown go, and introduce it anew", () => {
    const encoder = new ReportEncoder();
    encoder.encode(readingOf([sampleOf("a")]));
    expect(encoder.encode(readingOf([])).gone).toEqual([1]);
    const back = encoder.encode(readingOf([sampleOf("a")]));
    expect(back.introduced).toMatchObject([{ handle: 2, containerId: "a" }]);
    expect(back.samples?.handle).toEqual([2]);
  });

  it("introduce a container anew that turns out to be another pod's", () => {
    const encoder = new ReportEncoder();
    encoder.encode(readingOf([sampleOf("a", { podUid: "hash" })]));
    const moved = encoder.encode(readingOf([sampleOf("a", { podUid: "uid" })]));
    expect(moved).toMatchObject({ gone: [1], introduced: [{ handle: 2, podUid: "uid" }] });
  });
});
