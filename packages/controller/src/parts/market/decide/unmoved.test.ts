import { describe, expect, it } from "vitest";

import { defaultMarketPolicy as policy } from "./policy.ts";
import type { ContainerBidder } from "./snapshot.ts";
import { aBidder, aContainer, aDemand, aSample } from "./testing.ts";
import { decidedOf, isUnmoved } from "./unmoved.ts";

/** A container that declared 400m, has what is given of a request, and uses so much now. */
function isUnmovedAt(meanMilli: number, part: Partial<ContainerBidder> = {}): boolean {
  const container = aContainer({ declaredRequestMilli: 400, demand: aDemand(20), ...part });
  return isUnmoved(decidedOf(aBidder(), container, policy), aDemand(20, { meanMilli }), policy, 0);
}

describe("a container on a node with room", () => {
  it("is unmoved while it uses no more than it declared", () => {
    expect([20, 200, 400].map((milli) => isUnmovedAt(milli))).toEqual([true, true, true]);
    expect(isUnmovedAt(430)).toBe(false);
  });

  it("whose request was lent has moved as soon as it needs more of what it declared", () => {
    expect(isUnmovedAt(41, { habitMilli: 40 })).toBe(true);
    expect(isUnmovedAt(60, { habitMilli: 40 })).toBe(false);
    expect(isUnmovedAt(900, { habitMilli: 400 })).toBe(true);
    expect(isUnmovedAt(900, { habitMilli: 40, keepsRequest: true })).toBe(true);
  });

  it("has moved when it is throttled, or nothing is known of it any more", () => {
    const decided = decidedOf(aBidder(), aContainer({ demand: aDemand(20) }), policy);
    const throttled = aDemand(20, { sample: aSample({ throttledRatio: 0.5, throttledMilli: 10 }) });
    expect(isUnmoved(decided, throttled, policy, 0)).toBe(false);
    expect(isUnmoved(decided, aDemand(20), policy, policy.staleAfterMs + 1)).toBe(false);
    expect(isUnmoved(decided, undefined, policy, 0)).toBe(false);
  });
});
