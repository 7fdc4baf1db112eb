import type { Clock, Rng } from "@walras/kit";

import type { JsonMap, KubeObject } from "../apiserver/index.ts";
import type { GroupStep } from "./actuation.ts";
import type { NodeLimits } from "./admission.ts";
import type { PodRun } from "./machine.ts";
import type { NodeFacts } from "./nodeObject.ts";
import type { PodKey } from "./podView.ts";

/** What a kubelet writes at the API server. */
export interface PodWriter {
  /** Changes the status of the pod as it is stored; nothing where a pod of that UID is no more. */
  writeStatus(pod: PodKey, change: (stored: KubeObject) => JsonMap): void;
  /** The pod has stopped and goes. */
  remove(pod: PodKey): void;
  /** An event about the pod. */
  tell(pod: PodKey, event: { type: "Normal" | "Warning"; reason: string; message: string }): void;
}

/** What runs the containers. */
export interface PodRuntime {
  run(pod: PodRun): void;
  resize(uid: string, step: GroupStep): void;
  /** A container has ended by itself and does not come back. */
  end(uid: string, container: string): void;
  stop(uid: string): void;
}

/** From one moment to the other, in milliseconds; which one is drawn anew each time. */
export type DelayRange = readonly [fromMs: number, toMs: number];

/** How long a kubelet takes. */
export interface KubeletDelays {
  /** From a pod's binding to its running. */
  readonly start: DelayRange;
  /** From a change of the spec to the decision about it. */
  readonly admit: DelayRange;
  /** From a change of the spec to the cgroup; measured on Kubernetes 1.36: 17–42 ms. */
  readonly actuate: DelayRange;
  /** From a change of the spec to the status; measured on Kubernetes 1.36: 128–169 ms. */
  readonly report: DelayRange;
  /** From deletion to the pod's end. */
  readonly stop: DelayRange;
  /** Between attempts of deferred resizes, when nothing else brings them about. */
  readonly retryMs: number;
}

/** The delays of a kubelet as measured. */
export const measuredDelays: KubeletDelays = {
  start: [200, 600],
  admit: [4, 12],
  actuate: [20, 40],
  report: [130, 170],
  stop: [50, 150],
  retryMs: 180_000,
};

/** What a kubelet is made of. */
export interface KubeletOptions {
  readonly facts: NodeFacts;
  /** An exclusive-CPU policy makes resizes of Guaranteed pods infeasible. */
  readonly staticCpuManager?: boolean;
  readonly writer: PodWriter;
  readonly runtime: PodRuntime;
  readonly clock: Clock;
  readonly rng: Rng;
  /** What the randomness of loads follows. */
  readonly seed: number;
  readonly delays?: KubeletDelays;
}

/** What the node can give. */
export function limitsOf({ facts, staticCpuManager = false }: KubeletOptions): NodeLimits {
  return { allocatable: { cpu: facts.allocatableMilli, memory: facts.memoryBytes }, staticCpuManager };
}
