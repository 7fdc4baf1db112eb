import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { KernelText } from "../text/kernelText.ts";
import {
  parseNumber,
  parsePressureNanos,
  parseQuotaMilliV2,
  parseQuotaUsecV1,
  parseThrottleV1,
  parseThrottleV2,
  parseUsageNanosV1,
  parseUsageNanosV2,
} from "./counters.ts";

const count = fc.nat({ max: 2 ** 31 });
const text = new KernelText();
const file = "/sys/fs/cgroup/x";

describe("counters of the kernel", () => {
  it("gives v1 and v2 in the same unit: nanoseconds", () => {
    fc.assert(
      fc.property(count, count, count, count, (usec, periods, throttled, throttledUsec) => {
        const v2 = `usage_usec ${usec}\nuser_usec 1\nsystem_usec 1\nnr_periods ${periods}\nnr_throttled ${throttled}\nthrottled_usec ${throttledUsec}\nnr_bursts 0\n`;
        const v1 = `nr_periods ${periods}\nnr_throttled ${throttled}\nthrottled_time ${throttledUsec * 1000}\nnr_bursts 0\n`;
        const expected = { periods, throttledPeriods: throttled, throttledNanos: throttledUsec * 1000 };
        expect(parseUsageNanosV2(text.set(v2), file)).toBe(usec * 1000);
        expect(parseThrottleV2(text.set(v2), file)).toEqual(expected);
        expect(parseThrottleV1(text.set(v1), file)).toEqual(expected);
        expect(parseUsageNanosV1(text.set(`${usec * 1000}\n`), file)).toBe(usec * 1000);
      }),
    );
  });

  it("reads quotas, and unlimited ones as such", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 1e8 }), fc.integer({ min: 1000, max: 1e6 }), (quota, period) => {
        expect(parseQuotaMilliV2(text.set(`${quota} ${period}\n`), file)).toBeCloseTo((quota / period) * 1000, 6);
        expect(parseQuotaUsecV1(text.set(`${quota}\n`), file)).toBe(quota);
      }),
    );
    expect(parseQuotaMilliV2(text.set("max 100000\n"), file)).toBeNull();
    expect(parseQuotaUsecV1(text.set("-1\n"), file)).toBeNull();
  });

  it("reads the time somebody waited, not the time everybody did", () => {
    const pressure =
      "some avg10=0.36 avg60=0.06 avg300=0.01 total=79880\nfull avg10=0.18 avg60=0.03 avg300=0.00 total=25179\n";
    expect(parsePressureNanos(text.set(pressure), file)).toBe(79_880_000);
    expect(parsePressureNanos(text.set(""), file)).toBeNull();
  });

  it("knows a group without the CPU controller: it has used time and was never throttled", () => {
    const bare = "usage_usec 5\nuser_usec 3\nsystem_usec 2\n";
    expect(parseUsageNanosV2(text.set(bare), file)).toBe(5000);
    expect(parseThrottleV2(text.set(bare), file)).toEqual({ periods: 0, throttledPeriods: 0, throttledNanos: 0 });
  });

  it("looks at nothing that an earlier and longer text left behind", () => {
    text.set("nr_periods 7\nnr_throttled 3\nthrottled_time 9\n");
    expect(parseThrottleV1(text.set("nr"), file)).toEqual({ periods: 0, throttledPeriods: 0, throttledNanos: 0 });
    text.set("some avg10=0.00 total=77\n");
    expect(() => parsePressureNanos(text.set("some avg"), file)).toThrow(file);
  });

  it("names the file and what it says, whatever is in it", () => {
    const garbage = fc.string({ minLength: 1 }).filter((one) => !/^\s*\d/.test(one) && /\S/.test(one));
    fc.assert(
      fc.property(garbage, (one) => {
        for (const parse of [parseUsageNanosV1, parseUsageNanosV2, parseNumber]) {
          expect(() => parse(text.set(one), file)).toThrow(file);
        }
      }),
    );
    expect(() => parseThrottleV2(text.set("nr_periods x\nnr_throttled 1\nthrottled_usec 1\n"), file)).toThrow(
      /cgroup\/x: "nr_periods x/,
    );
    expect(() => parseUsageNanosV1(text.set("12abc\n"), file)).toThrow('"12abc"');
    expect(() => parseQuotaMilliV2(text.set("100000\n"), file)).toThrow('"100000"');
  });
});
