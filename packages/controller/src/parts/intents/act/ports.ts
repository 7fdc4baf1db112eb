import type { SeenIntent } from "../loop/ports.ts";
import type { Action } from "../decide/snapshot.ts";

/** Takes back what was done; a refusal is thrown. */
export type Undo = () => Promise<void>;

/** A part of a plan that belongs together. */
export interface Step {
  /** Names of the actions that it carries out. */
  readonly actions: readonly string[];
  /**
   * Each write that was done is handed over with what takes it back, at once, so
   * that what fails in the middle is undone as far as it went.
   *
   * @throws Obstacle where things are not as they were planned for, KubeError where it is refused
   */
  do(done: (undo: Undo) => void): Promise<void>;
}

/** Actuators in other processes, which are given what of a plan is theirs. */
export interface ForeignActuators {
  knows(action: string): boolean;
  perform(seen: SeenIntent, plan: readonly Action[]): Promise<void>;
}

/** Where no actuator has registered. */
export const noForeignActuators: ForeignActuators = {
  knows: () => false,
  perform: () => Promise.resolve(),
};

/** Who else sizes the CPU of a pod. */
export interface Market {
  /** Whether the market sizes the pod, so that nobody else may. */
  sizes(podUid: string): boolean;
}

/** Why a plan is not carried out. */
export type ObstacleKind = "Conflict" | "Outdated" | "Refused";

/** Things are not as they were when it was planned, or somebody does not allow it. Nothing is tried again before the next plan. */
export class Obstacle extends Error {
  override readonly name = "Obstacle";
  readonly kind: ObstacleKind;

  constructor(kind: ObstacleKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
