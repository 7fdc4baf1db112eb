/** What a group's tasks do; only leaves have tasks. */
export interface TaskState {
  /** Cores the tasks would use now if nothing held them back. */
  demandCores: number;
  /** Threads that can run at once: no task uses more cores than this. */
  parallelism: number;
  /** Most work that waits for its turn, in core-milliseconds; beyond it work is lost. 0: nothing waits. */
  backlogLimitCoreMs: number;
  /** Work that waits, in core-milliseconds. */
  backlogCoreMs: number;
  /** All work that ever arrived, in core-milliseconds. */
  arrivedCoreMs: number;
  /** All work given up because the backlog was full, in core-milliseconds. */
  lostCoreMs: number;
}

/** A control group of the CPU controller: its settings, and its counters as the kernel keeps them. */
export interface CpuGroup {
  readonly children: CpuGroup[];
  readonly tasks: TaskState | undefined;
  /** Share under contention, relative to its siblings: cpu.shares or cpu.weight. */
  weight: number;
  /** The request that the weight stands for, in cores. */
  requestCores: number;
  /** Bandwidth limit in cores; Infinity where there is none. */
  quotaCores: number;
  /** CPU time used by the group and all below it. */
  usedUsec: number;
  /** Periods in which the group had a quota and something to run. */
  periods: number;
  /** Of those, the periods in which the quota ran out. Of this group alone, not of its children. */
  throttledPeriods: number;
  /** Time stopped for lack of quota, summed over run queues. */
  throttledUsec: number;
  /** Time in which some task of the group waited for CPU (PSI "some"). */
  stalledUsec: number;
  /** Cores wanted in the period under way, before the group's own quota. */
  wantedCores: number;
  /** The same within the quota. */
  allowedCores: number;
  /** Cores got in the last period. */
  grantedCores: number;
}

/** How a leaf's tasks behave. */
export interface TaskOptions {
  readonly parallelism: number;
  readonly backlogLimitCoreMs: number;
}

/** A group without children and without a quota. */
export function cpuGroup(weight: number, tasks?: TaskOptions): CpuGroup {
  return {
    children: [],
    tasks: tasks && { ...tasks, demandCores: 0, backlogCoreMs: 0, arrivedCoreMs: 0, lostCoreMs: 0 },
    weight,
    requestCores: 0,
    quotaCores: Infinity,
    usedUsec: 0,
    periods: 0,
    throttledPeriods: 0,
    throttledUsec: 0,
    stalledUsec: 0,
    wantedCores: 0,
    allowedCores: 0,
    grantedCores: 0,
  };
}

/** Puts `child` below `parent`, and returns it. */
export function attach(parent: CpuGroup, child: CpuGroup): CpuGroup {
  parent.children.push(child);
  return child;
}

/** Takes `child` out of `parent`; what it used stays in the parent's counters. */
export function detach(parent: CpuGroup, child: CpuGroup): void {
  const index = parent.children.indexOf(child);
  if (index >= 0) parent.children.splice(index, 1);
}
