import { errorAt } from "@walras/kit";

import type { KernelText } from "../text/kernelText.ts";
import { fieldKey, nextWord, unsignedAt, valueStart } from "../text/scan.ts";

/** CPU time of a machine since boot, in clock ticks over all its CPUs. */
export interface CpuTicks {
  readonly busy: number;
  readonly total: number;
}

const allCpus = fieldKey("cpu ");
/** user nice system idle iowait irq softirq steal; guest time is in user already (proc_stat(5)). */
const fields = 8;
const idleField = 3;
const iowaitField = 4;

/**
 * The first line of /proc/stat. Stolen time counts as busy: nobody here can have it.
 *
 * @throws FieldError naming the file and what it says
 */
export function parseProcStat(text: KernelText, file: string): CpuTicks {
  let busy = 0;
  let total = NaN;
  let at = skipSpaces(text, valueStart(text, allCpus));
  for (let field = 0; field < fields && at >= 0; field += 1) {
    const ticks = unsignedAt(text, at);
    total = field === 0 ? ticks : total + ticks;
    if (field !== idleField && field !== iowaitField) busy += ticks;
    at = nextWord(text, at);
  }
  if (!Number.isNaN(total)) return { busy, total };
  throw errorAt(file, text.excerpt(), "does not begin with the CPU times of a machine");
}

/** How many CPUs /proc/stat has a line for. */
export function countCpus(stat: string): number {
  return stat.split("\n").filter((line) => /^cpu\d+ /.test(line)).length;
}

function skipSpaces(text: KernelText, from: number): number {
  if (from < 0 || text.bytes[from] !== 32) return from;
  return nextWord(text, from);
}
