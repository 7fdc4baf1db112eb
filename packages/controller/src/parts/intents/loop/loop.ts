import { describeError } from "@walras/kit";

import type { IntentDecision } from "../decide/decision.ts";
import type { PlanningSnapshot } from "../decide/snapshot.ts";
import { directionOf } from "./direction.ts";
import { type Expectation, effectOf } from "./effects.ts";
import { hasActed, type Execution } from "./execution.ts";
import { Histories } from "./histories.ts";
import { planEventOf } from "./planEvent.ts";
import type { SeenIntent } from "./ports.ts";
import type { EffectTold, LoopParts, LoopTimes, Round, Told } from "./steps.ts";

type Step = (round: Round, signal: AbortSignal) => Promise<Round>;

/**
 * Brings workloads to their targets, round by round. Each round is the same
 * steps in the same order, each on what the one before has found out.
 */
export class IntentLoop {
  readonly #parts: LoopParts;
  readonly #times: LoopTimes;
  readonly #histories: Histories;
  readonly #expected = new Map<string, Expectation>();
  readonly #steps: Readonly<Record<string, Step>> = {
    measure: (round, signal) => this.#measure(round, signal),
    verify: (round) => this.#verify(round),
    decide: (round, signal) => this.#decide(round, signal),
    act: (round) => this.#act(round),
    record: (round) => this.#record(round),
    explain: (round) => this.#explain(round),
    learn: async (round, signal) => {
      await this.#parts.learner.step(round.sight, signal);
      return round;
    },
  };

  constructor(parts: LoopParts, times: LoopTimes) {
    this.#parts = parts;
    this.#times = times;
    this.#histories = new Histories(times.windowMs);
  }

  /** One round. Who does not lead, or does not see the cluster as it is, decides nothing. */
  async run(signal: AbortSignal): Promise<void> {
    if (!this.#parts.gate.mayAct()) return;
    let round = await this.#timed("observe", () => this.#observe());
    for (const [name, step] of Object.entries(this.#steps)) {
      if (signal.aborted) return;
      const before = round;
      round = await this.#timed(name, () => step(before, signal));
    }
  }

  async #timed<Result>(step: string, run: () => Promise<Result>): Promise<Result> {
    const { clock, observed } = this.#parts;
    const startedMs = clock.monotonicMs();
    try {
      return await run();
    } finally {
      observed.stepped(step, clock.monotonicMs() - startedMs);
    }
  }

  async #observe(): Promise<Round> {
    const { observer, clock, janitor } = this.#parts;
    const nowMs = clock.wallMs();
    const sight = observer.look(nowMs);
    this.#forget(new Set(sight.intents.map(({ intent }) => intent.name)));
    for (const seen of sight.intents) this.#recall(seen, nowMs);
    await janitor.clean(nowMs);
    return { nowMs, sight, measured: new Map(), decisions: [], executions: new Map(), effects: new Map() };
  }

  #forget(there: ReadonlySet<string>): void {
    this.#histories.keepOnly(there);
    this.#parts.actor.keepOnly(there);
    for (const intent of this.#expected.keys()) if (!there.has(intent)) this.#expected.delete(intent);
  }

  #recall(seen: SeenIntent, nowMs: number): void {
    if (this.#histories.has(seen.intent.name)) return;
    const recalled = this.#parts.records.recall(seen);
    if (recalled) this.#histories.recall(seen.intent.name, recalled, nowMs);
  }

  /** What cannot be had is missing. */
  async #measure(round: Round, signal: AbortSignal): Promise<Round> {
    try {
      return { ...round, measured: await this.#parts.meter.measure(round.sight.intents, signal) };
    } catch (error) {
      this.#parts.logger.warn({ error: describeError(error) }, "KPIs not measured");
      return round;
    }
  }

  /** What the plans before have come to; what took too much is taken back. */
  async #verify(round: Round): Promise<Round> {
    const effects = new Map<string, EffectTold>();
    for (const seen of round.sight.intents) {
      const effect = await this.#effectOn(seen, round);
      if (effect === null) continue;
      effects.set(seen.intent.name, effect);
      this.#parts.observed.effected(effect);
    }
    return { ...round, effects };
  }

  async #effectOn({ intent: { name, objectives } }: SeenIntent, round: Round): Promise<EffectTold | null> {
    const expected = this.#expected.get(name);
    if (expected === undefined) return null;
    const { nowMs, sight, measured } = round;
    const of = { objectives, profiles: sight.profiles, measured: measured.get(name) ?? new Map(), nowMs };
    const effect = effectOf(expected, { ...of, ...this.#times });
    if (effect === null) return null;
    this.#expected.delete(name);
    const reverted = effect.verdict === "TookTooMuch" ? await this.#parts.actor.revert(name) : null;
    if (reverted) this.#histories.acted(name, { grows: true, shrinks: false }, nowMs);
    return { ...effect, reverted };
  }

  async #decide(round: Round, signal: AbortSignal): Promise<Round> {
    const decisions = await this.#parts.decide(this.#snapshotOf(round), signal);
    for (const decision of decisions) this.#note(decision, round.nowMs);
    return { ...round, decisions };
  }

  #snapshotOf({ nowMs, sight, measured }: Round): PlanningSnapshot {
    const { models } = this.#parts;
    const intents = sight.intents.map(({ intent }) => ({
      ...intent,
      measured: measured.get(intent.name) ?? new Map(),
      models: models.modelsFor(intent.name, nowMs),
      history: this.#histories.of(intent.name, nowMs),
    }));
    return { nowMs, profiles: sight.profiles, intents, freeMilli: sight.freeMilli };
  }

  #note(decision: IntentDecision, nowMs: number): void {
    if (decision.verdict === "Unknown") this.#histories.unknown(decision.intent, nowMs);
    if (decision.wish !== null) this.#histories.wished(decision.intent, decision.wish);
    if (decision.moment !== null) this.#histories.saw(decision.intent, decision.moment);
    this.#parts.observed.decided(decision);
  }

  /** One after another: what one takes of the write budget, the others wait for anyway. */
  async #act(round: Round): Promise<Round> {
    const executions = new Map<string, Execution>();
    const byName = seenByName(round);
    for (const decision of round.decisions) {
      const seen = byName.get(decision.intent);
      if (!seen || !decision.execute || round.effects.get(decision.intent)?.reverted) continue;
      const execution = await this.#carryOut(seen, decision, round);
      executions.set(decision.intent, execution);
      this.#parts.observed.executed(execution);
    }
    return { ...round, executions };
  }

  async #carryOut(seen: SeenIntent, decision: IntentDecision, round: Round): Promise<Execution> {
    const { actor, explainer } = this.#parts;
    const { nowMs } = round;
    const obstacle = actor.obstacleTo(seen, decision.plan, nowMs, decision.foreseen);
    if (obstacle !== null) return obstacle;
    try {
      await explainer.begins(seen, decision, nowMs);
    } catch (error) {
      return { verdict: "Refused", message: `not on record, so not done: ${describeError(error)}` };
    }
    const execution = await actor.execute(seen, decision.plan, nowMs, decision.foreseen);
    if (hasActed(execution)) this.#acted(seen, decision, round);
    return execution;
  }

  #acted({ intent }: SeenIntent, { plan, objectives }: IntentDecision, { nowMs, sight }: Round): void {
    const direction = directionOf(plan, intent.resources);
    this.#histories.acted(intent.name, direction, nowMs);
    const predicted = objectives.flatMap(({ profile, expected }) =>
      expected === null || sight.profiles.get(profile)?.type === "throughput" ? [] : [{ profile, value: expected }],
    );
    this.#expected.set(intent.name, { atMs: nowMs, shrinks: direction.shrinks, predicted });
  }

  /** Planning goes on without it. */
  async #record(round: Round): Promise<Round> {
    const { knowledge, logger, observed } = this.#parts;
    for (const { seen, decision } of this.#told(round)) {
      const measured = round.measured.get(seen.intent.name) ?? new Map();
      try {
        await knowledge.record(planEventOf(seen, decision, measured, round.nowMs));
      } catch (error) {
        observed.unrecorded();
        logger.warn({ intent: seen.intent.name, error: describeError(error) }, "plan not recorded");
      }
    }
    return round;
  }

  #explain(round: Round): Promise<Round> {
    const { nowMs, sight, measured } = round;
    this.#parts.explainer.tell({ nowMs, told: this.#told(round), bad: sight.bad, measured });
    return Promise.resolve(round);
  }

  #told(round: Round): Told[] {
    const { decisions, executions, effects } = round;
    const byName = seenByName(round);
    return decisions.flatMap((decision): Told[] => {
      const seen = byName.get(decision.intent);
      if (!seen) return [];
      const execution = executions.get(decision.intent) ?? null;
      return [{ seen, decision, execution, effect: effects.get(decision.intent) ?? null }];
    });
  }
}

function seenByName({ sight }: Round): ReadonlyMap<string, SeenIntent> {
  return new Map(sight.intents.map((seen) => [seen.intent.name, seen]));
}
