import { expect, it } from "vitest";

import { hold } from "./bid.ts";
import { defaultMarketPolicy } from "./policy.ts";
import { aBidder, aContainer, aDemand } from "./testing.ts";

const squeezed = { requestMilli: 10, limitMilli: 50 };
const policy = defaultMarketPolicy;

it("one that was never heard of gets what it declared 30 s after this controller came to know it", () => {
  const container = aContainer({ ...squeezed, demand: undefined, sinceMs: 100_000 });
  expect(hold(aBidder(), container, policy, 130_000)).toMatchObject(squeezed);
  expect(hold(aBidder(), container, policy, 130_001)).toMatchObject({ requestMilli: 100, limitMilli: 200 });
});

it("one that has fallen silent is silent since its last sample, however long it is known", () => {
  const container = aContainer({ ...squeezed, demand: aDemand(10), sinceMs: -1_000_000 });
  expect(hold(aBidder(), container, policy, 30_000)).toMatchObject(squeezed);
  expect(hold(aBidder(), container, policy, 30_001)).toMatchObject({ requestMilli: 100, limitMilli: 200 });
});
