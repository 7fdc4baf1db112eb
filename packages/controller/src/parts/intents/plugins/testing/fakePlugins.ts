import { systemClock } from "@walras/kit";

import type { IntentDecision } from "../../decide/decision.ts";
import type { ForeignProposal, ForeignQuestion } from "../../decide/foreign/told.ts";
import type { Action, IntentSnapshot, PlanningSnapshot } from "../../decide/snapshot.ts";
import { configOf, type Configured, intent, models, noon, p99, profiles } from "../../decide/testing.ts";
import type { Plugins, Situation } from "../manager/ports.ts";
import { decideWithPlugins } from "../planning.ts";
import { stateKeyOf } from "../wire/read.ts";

export type Answer = (question: ForeignQuestion) => readonly ForeignProposal[] | Promise<readonly ForeignProposal[]>;

/** Actuators as the planner sees them, without a wire. */
export class FakePlugins implements Plugins {
  readonly asked: ForeignQuestion[] = [];
  readonly performed: { readonly plugin: string; readonly situation: Situation; readonly plan: readonly Action[] }[] =
    [];
  readonly taught: string[] = [];
  /** Whose Perform and Effect fail; null: nobody's. */
  failing: string | null = null;
  readonly #answers: Readonly<Record<string, Answer>>;

  constructor(answers: Readonly<Record<string, Answer>>) {
    this.#answers = answers;
  }

  names(): readonly string[] {
    return Object.keys(this.#answers).toSorted();
  }

  async propose(question: ForeignQuestion, _: Situation, signal: AbortSignal): Promise<readonly ForeignProposal[]> {
    const answer = this.#known(question.actuator);
    signal.throwIfAborted();
    this.asked.push(question);
    return Promise.race([answer(question), abortOf(signal)]);
  }

  async perform(plugin: string, situation: Situation, plan: readonly Action[], signal: AbortSignal): Promise<void> {
    await this.#do(plugin, signal);
    this.performed.push({ plugin, situation, plan });
  }

  async effect(plugin: string, situation: Situation, signal: AbortSignal): Promise<void> {
    this.taught.push(`${plugin} ${situation.intent.name}`);
    await this.#do(plugin, signal);
  }

  async #do(plugin: string, signal: AbortSignal): Promise<void> {
    this.#known(plugin);
    signal.throwIfAborted();
    if (this.failing === plugin) throw new Error(`${plugin} fails`);
    await Promise.resolve();
  }

  #known(plugin: string): Answer {
    const answer = this.#answers[plugin];
    if (answer === undefined) throw new Error(`no plugin ${plugin} is registered`);
    return answer;
  }
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("given up"))));
}

/** A plan for one intent, made with actuators that answer as given. */
export async function decideWith(
  answers: Readonly<Record<string, Answer>>,
  given: Partial<IntentSnapshot> = {},
  { snapshot = {}, ...configured }: Configured & { readonly snapshot?: Partial<PlanningSnapshot> } = {},
): Promise<IntentDecision & { readonly plugins: FakePlugins }> {
  const plugins = new FakePlugins(answers);
  const planning = { config: configOf(configured), plugins, clock: systemClock };
  const all = { ...snapshotOf(intent(given)), ...snapshot };
  const [decision] = await decideWithPlugins(planning, all, new AbortController().signal);
  if (decision === undefined) throw new Error("no intent was decided");
  return { ...decision, plugins };
}

export function snapshotOf(...intents: readonly IntentSnapshot[]): PlanningSnapshot {
  return { nowMs: noon, profiles, intents, freeMilli: new Map() };
}

/** One step that brings the latency to a value, and changes what is given. */
export function step(
  { state, actuator }: Pick<ForeignQuestion, "state" | "actuator">,
  latency: number,
  {
    utility = 0.5,
    properties = { to: Math.round(latency) },
    ...change
  }: Partial<ForeignProposal["state"]> &
    Partial<Pick<ForeignProposal, "utility">> & { readonly properties?: Record<string, number> } = {},
): ForeignProposal {
  const next = { ...state, ...change, objectives: new Map([...state.objectives, [p99, latency]]) };
  return { action: { name: actuator, properties }, utility, state: { ...next, key: stateKeyOf(next) } };
}

/** An intent of which no model knows anything. */
export const blank = { models: models([]) };
