import type { HeardState } from "./foreign/told.ts";
import type { Workload } from "./workload.ts";

/** What of a state our own models know. */
export interface Shape {
  /** Pods more than there are. */
  readonly added: number;
  /** Which of the workload's pods are gone, by their places, in their order. */
  readonly removed: readonly number[];
  readonly cpuMilli: number;
  readonly cacheClass: string;
  readonly powerProfile: string;
  /** Latencies are guessed to be this part of what they are, where nothing is known; 1: nothing is guessed; 0: a foreign actuator guesses. */
  readonly guess: number;
  /** Actuators that have had their turn in this plan. */
  readonly asked: readonly string[];
}

/** What a foreign actuator has said of a state, from which others go on. */
export interface Heard {
  readonly state: HeardState;
  /** What of it our models know. */
  readonly shape: Shape;
  /** One for each aim. */
  readonly values: readonly number[];
}

/** What a plan would have made of a workload. */
export interface State extends Shape {
  /** The last that was heard on the way; null: all steps are our own. */
  readonly heard: Heard | null;
}

export function stateOf({ cpuMilli, cacheClass, powerProfile }: Workload): State {
  return { added: 0, removed: [], cpuMilli, cacheClass, powerProfile, guess: 1, asked: [], heard: null };
}

/** The same for states that are the same, by whatever way they were reached. */
export function keyOf(state: State): string {
  const key = shapeKeyOf(state);
  return state.heard === null ? key : `${key}|${state.heard.state.key}`;
}

export function shapeKeyOf({ added, removed, cpuMilli, cacheClass, powerProfile, guess, asked }: Shape): string {
  // One character a pod: the key of a state without a hundred pods is asked for thousands of times.
  const gone = String.fromCharCode(...removed);
  return `${added}|${gone}|${cpuMilli}|${cacheClass}|${powerProfile}|${guess}|${asked.join(",")}`;
}

export function replicasOf(state: Shape, workload: Workload): number {
  return workload.pods.length + state.added - state.removed.length;
}

/** Whether it has more than the workload has now. */
export function grows(state: Shape, workload: Workload): boolean {
  return state.added > 0 || state.cpuMilli > workload.cpuMilli;
}

/** Whether it has less than the workload has now. */
export function shrinks(state: Shape, workload: Workload): boolean {
  return state.removed.length > 0 || state.cpuMilli < workload.cpuMilli;
}

/** With an actuator's turn taken; sorted, so that the order of turns makes no other state. */
export function withTurn(state: Shape, actuator: string): readonly string[] {
  return [...state.asked, actuator].toSorted();
}
