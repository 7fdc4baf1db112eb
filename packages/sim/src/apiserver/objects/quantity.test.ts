import { parseQuantity } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { canonicalQuantity } from "./quantity.ts";

describe("canonical quantities", () => {
  test.each([
    ["0.05", "50m"],
    ["1000m", "1"],
    ["1500m", "1500m"],
    ["2000", "2k"],
    ["1024Ki", "1Mi"],
    ["1.5Gi", "1536Mi"],
    ["0", "0"],
    ["0Mi", "0"],
    ["1e3", "1e3"],
    ["-5m", "-5m"],
    ["100u", "100u"],
  ])("%s is written %s", (given, written) => {
    expect(canonicalQuantity(given, "field")).toBe(written);
  });

  test("the value never changes, and a canonical quantity is a fixed point", () => {
    const suffix = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), suffix, (digits, unit) => {
        const text = `${digits}${unit}`;
        const written = canonicalQuantity(text, "field");
        expect(parseQuantity(written, "field")).toBeCloseTo(parseQuantity(text, "field"), 6);
        expect(canonicalQuantity(written, "field")).toBe(written);
      }),
    );
  });

  test("what is no quantity is named", () => {
    expect(() => canonicalQuantity("abc", "spec.cpu")).toThrow('spec.cpu: "abc" is not a Kubernetes quantity');
  });
});
