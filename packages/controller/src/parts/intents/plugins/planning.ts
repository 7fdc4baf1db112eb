import type { Clock } from "@walras/kit";

import { type DecideConfig, decideIntents, decideKnowing, type Known } from "../decide/decide.ts";
import type { IntentDecision } from "../decide/decision.ts";
import type { ForeignProposal, ForeignQuestion, ForeignTable } from "../decide/foreign/told.ts";
import type { IntentSnapshot, PlanningSnapshot } from "../decide/snapshot.ts";
import { pluginLimits as limits } from "./limits.ts";
import type { Plugins } from "./manager/ports.ts";
import { sizeOf } from "./wire/read.ts";

export interface PluginPlanning {
  readonly config: DecideConfig;
  readonly plugins: Pick<Plugins, "names" | "propose">;
  readonly clock: Clock;
}

/**
 * Plans with actuators in other processes. A plan is made from what they have
 * said; what it lacked is asked for, of all of them at once, and it is made
 * again, until nothing is lacking or rounds, questions, memory or time are used
 * up. Then the plan so far is taken, and `cutShort` says so. A plugin that
 * fails is not asked again for this plan, and proposes nothing.
 *
 * @throws the signal's reason where it aborts
 */
export async function decideWithPlugins(
  { config, plugins, clock }: PluginPlanning,
  snapshot: PlanningSnapshot,
  signal: AbortSignal,
): Promise<readonly IntentDecision[]> {
  const names = plugins.names();
  const monotonicMs = (): number => clock.monotonicMs();
  if (names.length === 0) return decideIntents(config, snapshot, monotonicMs);
  const late = new AbortController();
  const deadline = clock.after(limits.planMs, () => late.abort(new Error("the time for plugins is over")));
  const asking = new Asking(names, { snapshot, plugins, signal: AbortSignal.any([signal, late.signal]) });
  try {
    for (let round = 1; ; round += 1) {
      const known = decideKnowing(config, snapshot, monotonicMs, asking);
      if (known.wanted.length === 0) return known.decisions;
      if (round === limits.rounds || late.signal.aborted || asking.isFull) return cutShort(known, late.signal.aborted);
      await asking.askAll(known.wanted);
      signal.throwIfAborted();
    }
  } finally {
    deadline.cancel();
    late.abort();
  }
}

interface Surroundings {
  readonly snapshot: PlanningSnapshot;
  readonly plugins: Pick<Plugins, "propose">;
  readonly signal: AbortSignal;
}

/** What plugins have said for one snapshot. */
class Asking implements ForeignTable {
  readonly names: readonly string[];
  readonly #around: Surroundings;
  readonly #intents: ReadonlyMap<string, IntentSnapshot>;
  readonly #answers = new Map<string, readonly ForeignProposal[]>();
  readonly #silent = new Set<string>();
  #questions = 0;
  #entries = 0;

  constructor(names: readonly string[], around: Surroundings) {
    this.names = names;
    this.#around = around;
    this.#intents = new Map(around.snapshot.intents.map((intent) => [intent.name, intent]));
  }

  /** As much was asked or answered as may be for one plan. */
  get isFull(): boolean {
    return this.#questions >= limits.questionsPerPlan || this.#entries >= limits.entriesPerPlan;
  }

  find(question: Pick<ForeignQuestion, "intent" | "actuator" | "key">): readonly ForeignProposal[] | undefined {
    return this.#answers.get(idOf(question)) ?? (this.#silent.has(question.actuator) ? [] : undefined);
  }

  async askAll(wanted: readonly ForeignQuestion[]): Promise<void> {
    const asked = wanted.slice(0, limits.questionsPerPlan - this.#questions);
    this.#questions += asked.length;
    await Promise.all(asked.map((question) => this.#ask(question)));
  }

  async #ask(question: ForeignQuestion): Promise<void> {
    const { plugins, snapshot, signal } = this.#around;
    const intent = this.#intents.get(question.intent);
    if (intent === undefined || this.#entries >= limits.entriesPerPlan) return;
    try {
      const answer = await plugins.propose(question, { intent, profiles: snapshot.profiles }, signal);
      this.#entries += answer.reduce((sum, { state }) => sum + sizeOf(state), 1);
      this.#answers.set(idOf(question), answer);
    } catch {
      // The plugins tell of it themselves; where the time is over nobody has failed.
      if (!signal.aborted) this.#silent.add(question.actuator);
    }
  }
}

function idOf({ intent, actuator, key }: Pick<ForeignQuestion, "intent" | "actuator" | "key">): string {
  return `${actuator} ${intent} ${key}`;
}

/** Decisions that something is missing of are not proved to be the cheapest. */
function cutShort({ decisions, wanted }: Known, isLate: boolean): readonly IntentDecision[] {
  const lacking = new Set(wanted.map(({ intent }) => intent));
  const by = isLate ? "time" : "states";
  return decisions.map((decision) =>
    lacking.has(decision.intent) ? { ...decision, cutShort: decision.cutShort ?? by } : decision,
  );
}
