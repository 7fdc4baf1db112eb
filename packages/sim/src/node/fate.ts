import type { CpuGroup } from "./cpuGroup.ts";

/** How a container fares on the node as it is, or would fare under the settings it was created with. */
export interface Fate {
  /** Cores in the last period. */
  readonly usedCores: number;
  /** Infinity without a limit. */
  readonly quotaCores: number;
  readonly usedUsec: number;
  readonly throttledUsec: number;
  readonly stalledUsec: number;
  /** Work given up because it could not wait, in core-milliseconds. */
  readonly lostCoreMs: number;
  /** CPU that its limit allowed and it did not use, in core-milliseconds; 0 without a limit. */
  readonly slackCoreMs: number;
  /** CPU that its request kept for it and it did not use, in core-milliseconds. */
  readonly idleRequestCoreMs: number;
}

/** One container, as it truly is. */
export interface ContainerTruth {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly container: string;
  readonly containerId: string;
  readonly demandCores: number;
  readonly market: Fate;
  readonly static: Fate;
}

/** What was not used so far, in core-milliseconds. */
export interface Unused {
  ofLimit: number;
  ofRequest: number;
}

/** A fate beside the one that would have been. */
export interface Fates {
  readonly market: Fate;
  readonly static: Fate;
}

/** What has not happened to anybody yet. */
export const noFate: Fate = {
  usedCores: 0,
  quotaCores: 0,
  usedUsec: 0,
  throttledUsec: 0,
  stalledUsec: 0,
  lostCoreMs: 0,
  slackCoreMs: 0,
  idleRequestCoreMs: 0,
};

/** What has come together in two fates; what is of the moment alone is nothing. */
export function plusFate(one: Fate, other: Fate): Fate {
  return {
    ...noFate,
    usedUsec: one.usedUsec + other.usedUsec,
    throttledUsec: one.throttledUsec + other.throttledUsec,
    stalledUsec: one.stalledUsec + other.stalledUsec,
    lostCoreMs: one.lostCoreMs + other.lostCoreMs,
    slackCoreMs: one.slackCoreMs + other.slackCoreMs,
    idleRequestCoreMs: one.idleRequestCoreMs + other.idleRequestCoreMs,
  };
}

/** How the tasks of `group` fare. */
export function fateOf(group: CpuGroup, { ofLimit, ofRequest }: Unused): Fate {
  return {
    usedCores: group.grantedCores,
    quotaCores: group.quotaCores,
    usedUsec: group.usedUsec,
    throttledUsec: group.throttledUsec,
    stalledUsec: group.stalledUsec,
    lostCoreMs: group.tasks?.lostCoreMs ?? 0,
    slackCoreMs: ofLimit,
    idleRequestCoreMs: ofRequest,
  };
}
