import { describeError } from "@walras/kit";

import type { Execution } from "../loop/execution.ts";
import { Obstacle, type Step, type Undo } from "./ports.ts";

/** What was done, and how to take it back, last first. */
export interface Carried extends Execution {
  readonly undos: readonly Undo[];
}

/** Carries steps out in their order; where one fails, what was done before is undone. */
export async function carryOut(steps: readonly Step[]): Promise<Carried> {
  const undos: Undo[] = [];
  const done: string[] = [];
  for (const step of steps) {
    try {
      await step.do((undo) => undos.unshift(undo));
      done.push(...step.actions);
    } catch (error) {
      return { ...(await undone(undos, step, error)), undos: [] };
    }
  }
  return { verdict: "Done", message: done.join(", "), undos };
}

async function undone(undos: readonly Undo[], { actions }: Step, error: unknown): Promise<Execution> {
  const cause = `${actions.join(", ")}: ${describeError(error)}`;
  const failures = await takeBack(undos);
  if (failures.length > 0) return { verdict: "LeftHalfDone", message: `${cause}; not undone: ${failures.join("; ")}` };
  if (error instanceof Obstacle) return { verdict: error.kind, message: cause };
  return { verdict: undos.length > 0 ? "RolledBack" : "Refused", message: cause };
}

/** Each is tried, whatever became of the others. @returns what failed */
export async function takeBack(undos: readonly Undo[]): Promise<string[]> {
  const failures: string[] = [];
  for (const undo of undos) {
    try {
      await undo();
    } catch (error) {
      failures.push(describeError(error));
    }
  }
  return failures;
}
