import type { CsvCell } from "@walras/kit";

import type { Usage } from "../usage/usage.ts";

/** One loop's result. */
export interface LoopResult extends Usage {
  /** From 1. */
  readonly loop: number;
  readonly copies: number;
  /** Fewer than `copies` when some failed, or when the job was stopped. */
  readonly processed: number;
  /** null when none was processed. */
  readonly meanSeconds: number | null;
  readonly piId: string;
  readonly receivedAtMs: number;
}

/** The prototype's columns; analyses read them by name. */
export const columns = [
  "loop_index",
  "copies_in_loop",
  "processed_count",
  "avg_process_time_seconds",
  "pi_id",
  "loop_received_time",
  "avg_gpu_pct",
  "avg_cpu_pct",
  "avg_ram_pct",
] as const;

/** What each column says of a result; null: not known. */
export function valuesOf(result: LoopResult): Readonly<Record<(typeof columns)[number], CsvCell | null>> {
  return {
    loop_index: result.loop,
    copies_in_loop: result.copies,
    processed_count: result.processed,
    avg_process_time_seconds: rounded(result.meanSeconds, 6),
    pi_id: result.piId,
    loop_received_time: new Date(result.receivedAtMs).toISOString(),
    avg_gpu_pct: rounded(result.gpuPct, 2),
    avg_cpu_pct: rounded(result.cpuPct, 2),
    avg_ram_pct: rounded(result.ramPct, 2),
  };
}

function rounded(value: number | null, digits: number): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
