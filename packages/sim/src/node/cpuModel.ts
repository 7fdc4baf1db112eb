import type { CpuGroup, TaskState } from "./cpuGroup.ts";
import { waterFill } from "./waterFill.ts";

/** The CFS bandwidth period that Kubernetes uses, in milliseconds. */
export const cfsPeriodMs = 100;

const tolerance = 1e-9;

/**
 * Advances a tree of groups by `durationMs`, in which demand is constant, on
 * a machine with `cores` CPUs. In one period, for each group:
 *
 * - wanted: demand plus backlog, at most its threads or the CPUs; the sum of what the children may use
 * - allowed: wanted within the quota
 * - granted: a share of the parent's grant by weight, work-conserving (see waterFill)
 *
 * Counters grow as the kernel's do (kernel/sched/fair.c): a period counts while
 * the group has a quota and something to run; it counts as throttled where
 * the quota ran out with work left, and then the group is stopped on each of
 * the run queues it would have used: (wanted − quota) × time. PSI "some" is the
 * time in which at least one task waits: min(1, wanted − granted) × time.
 *
 * The model mutates the counters in place: no allocation, so that thousands of
 * containers cost little.
 *
 * @param durationMs a whole number of periods; more than one at once is exact where no backlog builds up
 */
export function advance(root: CpuGroup, cores: number, durationMs: number): void {
  want(root, cores, durationMs);
  root.grantedCores = Math.min(root.allowedCores, cores);
  account(root, durationMs);
}

function want(group: CpuGroup, cores: number, durationMs: number): void {
  if (group.tasks) {
    group.wantedCores = wantedByTasks(group.tasks, cores, durationMs);
  } else {
    let sum = 0;
    for (const child of group.children) {
      want(child, cores, durationMs);
      sum += child.allowedCores;
    }
    group.wantedCores = sum;
  }
  group.allowedCores = Math.min(group.wantedCores, group.quotaCores);
}

function wantedByTasks(tasks: TaskState, cores: number, durationMs: number): number {
  const offered = tasks.demandCores + tasks.backlogCoreMs / durationMs;
  return Math.min(offered, tasks.parallelism, cores);
}

function account(group: CpuGroup, durationMs: number): void {
  const durationUsec = durationMs * 1000;
  if (group.tasks) settleTasks(group.tasks, group.grantedCores, durationMs);
  else shareOut(group, durationMs);
  group.usedUsec += group.grantedCores * durationUsec;
  countBandwidth(group, durationMs);
  group.stalledUsec += stalledShare(group) * durationUsec;
}

function shareOut(group: CpuGroup, durationMs: number): void {
  if (group.grantedCores >= group.wantedCores - tolerance) {
    for (const child of group.children) child.grantedCores = child.allowedCores;
  } else {
    waterFill(group.children, group.grantedCores);
  }
  for (const child of group.children) account(child, durationMs);
}

function settleTasks(tasks: TaskState, grantedCores: number, durationMs: number): void {
  const arrived = tasks.demandCores * durationMs;
  const waiting = Math.max(0, tasks.backlogCoreMs + arrived - grantedCores * durationMs);
  tasks.arrivedCoreMs += arrived;
  tasks.backlogCoreMs = Math.min(waiting, tasks.backlogLimitCoreMs);
  tasks.lostCoreMs += waiting - tasks.backlogCoreMs;
}

function countBandwidth(group: CpuGroup, durationMs: number): void {
  if (group.quotaCores === Infinity || group.wantedCores <= tolerance) return;
  const periods = durationMs / cfsPeriodMs;
  group.periods += periods;
  const short = group.wantedCores - group.quotaCores;
  const exhausted = group.grantedCores >= group.quotaCores - tolerance;
  if (!exhausted || short <= tolerance) return;
  group.throttledPeriods += periods;
  group.throttledUsec += short * durationMs * 1000;
}

/** A group of groups stalls while any of them does, at most all the time. */
function stalledShare(group: CpuGroup): number {
  let waiting = group.wantedCores - group.grantedCores;
  for (const child of group.children) waiting += child.wantedCores - child.allowedCores;
  return Math.min(1, Math.max(0, waiting));
}
