import { describeError, type Logger } from "@walras/kit";

import type { Gate } from "../../../base/access/gate.ts";
import type { Action } from "../decide/snapshot.ts";
import { directionOf } from "../loop/direction.ts";
import { type Actor, type Execution, hasActed } from "../loop/execution.ts";
import type { SeenIntent, SeenTarget } from "../loop/ports.ts";
import { conflictOf } from "./conflicts.ts";
import type { CoolDowns } from "./coolDown.ts";
import { Obstacle, type Undo } from "./ports.ts";
import { type StepParts, stepsFor } from "./steps.ts";
import { carryOut, takeBack } from "./transaction.ts";

export interface PlanActorOptions {
  readonly parts: StepParts;
  readonly gate: Pick<Gate, "mayAct" | "why">;
  readonly coolDowns: CoolDowns;
  /** The intent's target as it is seen at this moment. */
  readonly again: (seen: SeenIntent) => SeenTarget | null;
  readonly logger: Logger;
}

/** Carries one intent's plan out as a whole or not at all. */
export class PlanActor implements Actor {
  readonly #options: PlanActorOptions;
  readonly #undos = new Map<string, readonly Undo[]>();

  constructor(options: PlanActorOptions) {
    this.#options = options;
  }

  obstacleTo(seen: SeenIntent, plan: readonly Action[], nowMs: number, foreseen = false): Execution | null {
    const { coolDowns, gate } = this.#options;
    const { grows } = directionOf(plan, seen.intent.resources);
    if (!gate.mayAct()) return { verdict: "Outdated", message: gate.why().join(", ") };
    const conflict = conflictOf(plan, seen.target?.rivals ?? []);
    if (conflict !== null) return { verdict: "Conflict", message: conflict };
    const waits = coolDowns.waits(seen.intent.name, plan, { grows, nowMs, foreseen });
    return waits === null ? null : { verdict: "CoolingDown", message: waits };
  }

  async execute(seen: SeenIntent, plan: readonly Action[], nowMs: number, foreseen = false): Promise<Execution> {
    const obstacle = this.obstacleTo(seen, plan, nowMs, foreseen);
    if (obstacle !== null) return obstacle;
    const execution = await this.#execute(seen, plan);
    const { grows } = directionOf(plan, seen.intent.resources);
    this.#options.coolDowns.used(seen.intent.name, plan, { grows, nowMs, failed: execution.verdict !== "Done" });
    return execution;
  }

  async revert(intent: string): Promise<Execution | null> {
    const undos = this.#undos.get(intent);
    this.#undos.delete(intent);
    if (undos === undefined || undos.length === 0) return null;
    const failures = await takeBack(undos);
    if (failures.length === 0) return { verdict: "RolledBack", message: "what it did is taken back" };
    return { verdict: "LeftHalfDone", message: `not undone: ${failures.join("; ")}` };
  }

  /** Of intents that are gone nothing is kept. */
  keepOnly(intents: ReadonlySet<string>): void {
    for (const intent of this.#undos.keys()) if (!intents.has(intent)) this.#undos.delete(intent);
    this.#options.coolDowns.keepOnly(intents);
  }

  async #execute(seen: SeenIntent, plan: readonly Action[]): Promise<Execution> {
    const refusals: string[] = [];
    try {
      const target = await this.#checked(seen, plan);
      const order = { seen, target, plan, refused: (reason: string) => void refusals.push(reason) };
      const { undos, ...execution } = await carryOut(stepsFor(order, this.#options.parts));
      if (hasActed(execution)) this.#undos.set(seen.intent.name, undos);
      return { ...execution, message: [execution.message, ...refusals].join("; ") };
    } catch (error) {
      const verdict = error instanceof Obstacle ? error.kind : "Refused";
      this.#options.logger.info({ intent: seen.intent.name, error: describeError(error) }, "plan not carried out");
      return { verdict, message: describeError(error) };
    }
  }

  /** Everything that the plan was made for is looked at again. */
  async #checked(seen: SeenIntent, plan: readonly Action[]): Promise<SeenTarget> {
    const { again, parts } = this.#options;
    const target = again(seen);
    if (seen.target === null || target === null || target.ref.uid !== seen.target.ref.uid)
      throw new Obstacle("Outdated", "the workload is not there any more");
    const conflict = conflictOf(plan, target.rivals);
    if (conflict !== null) throw new Obstacle("Conflict", conflict);
    const live = await parts.reader.read(seen.target.ref);
    if (live.generation !== seen.target.generation || live.replicas !== seen.target.replicas)
      throw new Obstacle("Outdated", "the workload was changed since it was looked at");
    return seen.target;
  }
}
