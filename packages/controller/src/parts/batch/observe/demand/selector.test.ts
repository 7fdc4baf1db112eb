import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseSelector } from "./selector.ts";

const labels = { app: "queued", tier: "batch", "example.com/size": "" };

describe("a label selector", () => {
  it.each([
    ["app=queued", true],
    ["app==queued,tier=batch", true],
    ["app=queued , tier!=web", true],
    ["app=other", false],
    ["none!=x", true],
    ["none=", false],
    ["example.com/size=", true],
    ["app in (queued, other)", true],
    ["app in (other),tier", false],
    ["app notin (other,more),tier", true],
    ["none notin (x)", true],
    ["!none,tier", true],
    ["! tier", false],
    ["toString", false],
  ])("%s", (selector, selected) => {
    expect(parseSelector(selector)(labels)).toBe(selected);
  });

  it.each(["", "a=b,", "a=b=c", "a in b", "a in (b", "a in (b c)", "-a=b", "a b", "a=b c", "=b", "a/b/c=d"])(
    "%j is none",
    (selector) => {
      expect(() => parseSelector(selector)).toThrow("is no requirement of labels");
    },
  );

  it("of 40,000 commas is refused before it is looked at", () => {
    expect(() => parseSelector(",".repeat(40_000))).toThrow("longer than 1024 characters");
    expect(() => parseSelector(`a in (${",".repeat(900)})`)).not.toThrow();
    expect(() => parseSelector(",".repeat(1_000))).toThrow("is no requirement of labels");
  });

  it("of equalities selects what has them", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    fc.assert(
      fc.property(fc.dictionary(word, word, { minKeys: 1 }), fc.dictionary(word, word), (wanted, extra) => {
        const matches = parseSelector(
          Object.entries(wanted)
            .map(([key, value]) => `${key}=${value}`)
            .join(","),
        );
        expect(matches({ ...extra, ...wanted })).toBe(true);
        expect(matches({})).toBe(false);
      }),
    );
  });
});
