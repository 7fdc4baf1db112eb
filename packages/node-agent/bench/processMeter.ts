import { readdirSync, readFileSync } from "node:fs";

/** What a process has used since it began. */
export interface ProcessUse {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly rssKibibytes: number;
  /** Page faults of children that have ended: stays as it is if and only if no child has. */
  readonly childFaults: number;
  readonly children: number;
}

const msPerTick = 10;

/** utime, stime and cminflt of /proc/PID/stat, VmRSS of its status, and its children now. */
export function processUse(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return {
    atMs: performance.now(),
    cpuMs: ((fields[11] ?? NaN) + (fields[12] ?? NaN)) * msPerTick,
    rssKibibytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]),
    childFaults: fields[8] ?? NaN,
    children: childrenOf(pid),
  };
}

function childrenOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").trim();
    return sum + (text === "" ? 0 : text.split(" ").length);
  }, 0);
}
