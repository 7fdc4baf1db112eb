import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { clip, longestTold } from "./clip.ts";

describe("a text that is told to a peer", () => {
  it("is short, and can be encoded wherever it was cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "é", "😀", "\uD83D", "\uDE00"), maxLength: 600 }), (text) => {
        const told = clip(text);
        expect(told.length).toBeLessThanOrEqual(longestTold);
        expect(() => encodeURI(told)).not.toThrow();
      }),
    );
  });

  it("is as it is where it is short", () => {
    expect(clip("not current: nodes")).toBe("not current: nodes");
  });
});
