/** What a container is given. */
export interface Resources {
  readonly requestMilli: number;
  /** null: no limit. */
  readonly limitMilli: number | null;
}

/** What the kernel counted of a container over some time. */
export interface Seen {
  /** When it ended. */
  readonly atMs: number;
  readonly forMs: number;
  readonly usedMilli: number;
  /** What it would have used more, had it had no limit. */
  readonly throttledMilli: number;
  readonly requestMilli: number;
}

/** What is true of a container when its rule is asked. */
export interface Standing {
  readonly nowMs: number;
  readonly startedMs: number;
  /** What its spec says. */
  readonly has: Resources;
}

/** A rule's view of one container. It belongs to the workload, so that it outlives the pod. */
export interface Sizing {
  observe(seen: Seen): void;
  /** What the container should have now. */
  want(standing: Standing): Resources;
  /** What a pod that is created now is given; null: what was declared. */
  atCreation(nowMs: number): Resources | null;
}

/** A way to size containers, and how it is put into effect. */
export interface Rule {
  readonly name: string;
  sizing(declared: Resources): Sizing;
  readonly how: Application;
}

export interface Application {
  /**
   * - whole: the kubelet's way; what does not fit stands Deferred, and the scheduler counts it (kubernetes#135107)
   * - into room: no raise is asked for that would not be granted
   * - by eviction: the pod is evicted and created anew
   */
  readonly resizes: "whole" | "into room" | "by eviction";
  /** Durations that make up a step. The rule is applied before each, knowing what was seen in those before. */
  parts(stepMs: number): readonly number[];
  /** Quotas divide what is scarce, by guarantee, need and weight, from the second part of a step on. Kernel weights alone do it otherwise. */
  readonly rations: boolean;
}

/** Applied once a step. */
export const eachStep = (stepMs: number): readonly number[] => [stepMs];
