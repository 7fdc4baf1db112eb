import { issueIdentity } from "@walras/kit/certificates";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { overlapped } from "./publisher.ts";

const hourMs = 3_600_000;
const nowMs = Date.UTC(2030, 0, 1);
let authorities: readonly string[];

/** The n-th ends after n hours; the first has ended. */
beforeAll(async () => {
  authorities = await Promise.all(
    [-1, 1, 2, 3].map(async (hours) => {
      const validity = { fromMs: nowMs - 9 * hourMs, untilMs: nowMs + hours * hourMs };
      return (await issueIdentity({ hosts: ["a"], authority: `a${hours}`, server: "s", ...validity })).authority;
    }),
  );
});

describe("authorities of somebody else's certificate", () => {
  it("are the one that holds first, then all that were told before and have not ended, each once", () => {
    const indices = fc.array(fc.nat(3), { maxLength: 6 });
    fc.assert(
      fc.property(fc.nat(3), indices, (own, known) => {
        const pem = (index: number): string => `${authorities[index]?.trim()}\n`;
        const bundle = overlapped(pem(own), known.map(pem).join("# a comment\n"), nowMs);
        const others = [...new Set(known)].filter((index) => index !== own && index !== 0);
        expect(bundle).toBe([own, ...others].map(pem).join(""));
        expect(overlapped(pem(own), bundle, nowMs)).toBe(bundle);
        expect(overlapped(pem(own), bundle, nowMs + 9 * hourMs)).toBe(pem(own));
      }),
    );
  });

  it("are left as they are where the file holds none", () => {
    expect(() => overlapped("", authorities[1] ?? "", nowMs)).toThrow("there is no certificate in it");
  });
});
