import { expect, it } from "vitest";

import {
  coresText,
  cpuText,
  dayText,
  moneyText,
  numberText,
  orUnknown,
  priceText,
  shareText,
  spanText,
} from "./format.ts";

it("CPU is written as Kubernetes people read it", () => {
  expect([0, 250, 999.6, 1250, 12_000, 250_000].map(cpuText)).toEqual(["0m", "250m", "1000m", "1.25", "12", "250"]);
  expect([12_340, 1_912_400].map(coresText)).toEqual(["12.3", "1,912"]);
});

it("what is not known is no number", () => {
  expect(orUnknown(null, cpuText)).toBe("unknown");
  expect(orUnknown(0, cpuText)).toBe("0m");
});

it("spans are told in their two largest units", () => {
  const spans = [-5, 900, 59_400, 184_000, 720_000, 3_600_000, 5_400_000, 273_600_000, 172_800_000];
  expect(spans.map(spanText)).toEqual([
    "0 s",
    "1 s",
    "59 s",
    "3 min 4 s",
    "12 min",
    "1 h",
    "1 h 30 min",
    "3 d 4 h",
    "2 d",
  ]);
});

it("other numbers have three digits, or thousands apart", () => {
  expect([4.976, 0, 1_000_000].map(priceText)).toEqual(["4.98", "0", "1,000,000"]);
  expect([0.9995, 139.25, -4321].map(numberText)).toEqual(["1", "139", "-4,321"]);
  expect([shareText(0.345), moneyText(55_842.4)]).toEqual(["35 %", "55,842"]);
});

it("days are those of the calendar's zone", () => {
  expect(dayText(Date.UTC(2026, 10, 30, 19), "Europe/Vienna")).toBe("Mon 30 Nov, 20:00");
});
