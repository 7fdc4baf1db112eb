import { describe, expect, it } from "vitest";

import type { Overload } from "./members.ts";
import { type KernelRow, overloadRatios, roomRatios } from "./report.ts";

function line(
  row: string,
  policy: string,
  cells: Partial<Record<"throttled s" | "p99 ms" | "CPU m", number>>,
): KernelRow {
  return { row, policy, "throttled s": 0, "p99 ms": 0, "CPU m": 0, ...cells };
}

describe("the claims of the benchmark on a kernel", () => {
  it("are about every row that had room", () => {
    const rows = [
      line("a", "declared", { "throttled s": 1, "p99 ms": 90 }),
      line("a", "none", { "p99 ms": 50 }),
      line("a", "ours", { "throttled s": 0.9, "p99 ms": 51 }),
      line("b", "declared", { "throttled s": 0, "p99 ms": 10 }),
      line("b", "none", { "p99 ms": 10 }),
      line("b", "ours", { "throttled s": 0.2, "p99 ms": 13 }),
      line("150 %: hog", "ours", { "throttled s": 9 }),
    ];
    expect(roomRatios(rows)).toEqual({ throttledMoreThanDeclared: 1, p99AgainstNone: 1.3 });
  });

  it("are about shares above guarantees, and about who gives the hog as much, where there is too little", () => {
    const cpu = { request: 100, limit: 500, cores: 1, threads: 1 };
    const overload = {
      guaranteed: { name: "service", request: 400, limit: 1000 },
      tenants: [
        { name: "two", weight: 2, ...cpu },
        { name: "hog", weight: 1, ...cpu },
      ],
    } as unknown as Overload;
    const rows = [
      line("150 %: service", "alone", { "p99 ms": 40 }),
      line("150 %: service", "none", { "p99 ms": 60 }),
      line("150 %: hog", "none", { "CPU m": 300 }),
      line("150 %: service", "declared", { "p99 ms": 44 }),
      line("150 %: hog", "declared", { "CPU m": 150 }),
      line("150 %: service", "p95", { "p99 ms": 45 }),
      line("150 %: hog", "p95", { "CPU m": 250 }),
      line("150 %: service", "ours", { "p99 ms": 50 }),
      line("150 %: two", "ours", { "CPU m": 490 }),
      line("150 %: hog", "ours", { "CPU m": 310 - 100 }),
    ];
    const ratios = overloadRatios(rows, overload);
    expect(ratios["shareError"]).toBeCloseTo(0.34);
    expect(ratios["guaranteedP99AgainstAlone"]).toBe(1.25);
    expect(ratios["guaranteedNotBest"]).toBe(1);
  });
});
