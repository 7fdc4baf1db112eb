import type { ReleasePolicy } from "../config/policy.ts";
import type { Usage } from "./snapshot.ts";

/**
 * H = 1 − max(cpu/θ_cpu, memory/θ_mem), clamped to [−1, 1]: what is left below
 * the watermark of the scarcer one.
 *
 * @returns null when either is unknown: unknown is not zero
 */
export function headroomOf(
  { cpu, memory }: Usage,
  { cpuWatermark, memoryWatermark }: Pick<ReleasePolicy, "cpuWatermark" | "memoryWatermark">,
): number | null {
  if (cpu === null || memory === null) return null;
  return Math.min(1, Math.max(-1, 1 - Math.max(cpu / cpuWatermark, memory / memoryWatermark)));
}
