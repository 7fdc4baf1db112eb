import type { Workload } from "./workload.ts";

/** What a plan would have made of a workload. */
export interface State {
  /** Pods more than there are. */
  readonly added: number;
  /** Which of the workload's pods are gone, by their places, in their order. */
  readonly removed: readonly number[];
  readonly cpuMilli: number;
  readonly cacheClass: string;
  readonly powerProfile: string;
  /** Latencies are guessed to be this part of what they are, where nothing is known; 1: nothing is guessed. */
  readonly guess: number;
  /** Actuators that have had their turn in this plan. */
  readonly asked: readonly string[];
}

export function stateOf({ cpuMilli, cacheClass, powerProfile }: Workload): State {
  return { added: 0, removed: [], cpuMilli, cacheClass, powerProfile, guess: 1, asked: [] };
}

/** The same for states that are the same, by whatever way they were reached. */
export function keyOf({ added, removed, cpuMilli, cacheClass, powerProfile, guess, asked }: State): string {
  // One character a pod: the key of a state without a hundred pods is asked for thousands of times.
  const gone = String.fromCharCode(...removed);
  return `${added}|${gone}|${cpuMilli}|${cacheClass}|${powerProfile}|${guess}|${asked.join(",")}`;
}

export function replicasOf(state: State, workload: Workload): number {
  return workload.pods.length + state.added - state.removed.length;
}

/** Whether it has more than the workload has now. */
export function grows(state: State, workload: Workload): boolean {
  return state.added > 0 || state.cpuMilli > workload.cpuMilli;
}

/** Whether it has less than the workload has now. */
export function shrinks(state: State, workload: Workload): boolean {
  return state.removed.length > 0 || state.cpuMilli < workload.cpuMilli;
}

/** With an actuator's turn taken; sorted, so that the order of turns makes no other state. */
export function withTurn(state: State, actuator: string): readonly string[] {
  return [...state.asked, actuator].toSorted();
}
