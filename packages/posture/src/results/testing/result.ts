import type { LoopResult } from "../row.ts";

/** A loop's result, with what a test cares about. */
export function resultOf(result: Partial<LoopResult>): LoopResult {
  return {
    loop: 1,
    copies: 100,
    processed: 99,
    meanSeconds: 0.25,
    piId: "pi1",
    receivedAtMs: Date.UTC(2026, 2, 1, 10),
    cpuPct: 40,
    ramPct: 50,
    gpuPct: 0,
    ...result,
  };
}
