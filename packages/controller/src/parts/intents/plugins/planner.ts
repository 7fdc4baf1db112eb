import { type Clock, describeError, type Logger } from "@walras/kit";

import type { DecideConfig } from "../decide/decide.ts";
import type { Action, IntentSnapshot, PlanningSnapshot } from "../decide/snapshot.ts";
import type { Decide, SeenIntent } from "../loop/ports.ts";
import { pluginLimits as limits } from "./limits.ts";
import type { Plugins, Situation } from "./manager/ports.ts";
import { decideWithPlugins } from "./planning.ts";

export interface PluginPlannerOptions {
  readonly config: DecideConfig;
  readonly plugins: Plugins;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Plans with plugins, lets them learn now and then, and gives them plans to carry out. */
export class PluginPlanner {
  readonly #options: PluginPlannerOptions;
  #last: PlanningSnapshot | null = null;
  /** By plugin and intent: when it was last told that it may learn. */
  readonly #taughtMs = new Map<string, number>();

  constructor(options: PluginPlannerOptions) {
    this.#options = options;
  }

  /** As the loop wants it. After planning, plugins are told that they may learn; nobody waits for that. */
  readonly decide: Decide = async (snapshot, signal) => {
    this.#last = snapshot;
    const decisions = await decideWithPlugins(this.#options, snapshot, signal);
    const planned = new Set(decisions.filter(({ wish }) => wish !== null).map(({ intent }) => intent));
    void this.#teach(snapshot, planned, signal);
    return decisions;
  };

  /** Whether somebody else carries out actions of this name. */
  knows(action: string): boolean {
    return this.#options.plugins.names().includes(action);
  }

  /**
   * Gives the whole plan to each plugin, one after another, as the prototype
   * does: each does what is its own, and its scaleOut counts the rmPod of others.
   *
   * @throws Error of the first that fails and has something to do in it
   */
  async perform(
    seen: Pick<SeenIntent, "intent">,
    plan: readonly Action[],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<void> {
    const situation = this.#situationOf(seen.intent.name);
    const { plugins, logger } = this.#options;
    const concerned = concernedBy(plan);
    for (const name of plugins.names())
      try {
        await plugins.perform(name, situation, plan, signal);
      } catch (error) {
        if (concerned.has(name)) throw error;
        logger.debug({ plugin: name, error: describeError(error) }, "plugin does not hear of a plan of others");
      }
  }

  #situationOf(name: string): Situation {
    const intent = this.#last?.intents.find((one) => one.name === name);
    if (this.#last === null || intent === undefined) throw new Error(`nothing was planned for ${name}`);
    return { intent, profiles: this.#last.profiles };
  }

  /** One plugin after another, so that learning is nobody's burst. */
  async #teach(snapshot: PlanningSnapshot, planned: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const { plugins, logger } = this.#options;
    this.#forget(snapshot);
    for (const intent of snapshot.intents.filter(({ name }) => planned.has(name)))
      for (const name of plugins.names().filter((plugin) => this.#mayLearn(plugin, intent)))
        try {
          await plugins.effect(name, { intent, profiles: snapshot.profiles }, signal);
        } catch (error) {
          logger.debug({ plugin: name, error: describeError(error) }, "plugin does not learn");
        }
  }

  #mayLearn(plugin: string, { name }: IntentSnapshot): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const key = `${plugin} ${name}`;
    if (nowMs - (this.#taughtMs.get(key) ?? -Infinity) < limits.effectEveryMs) return false;
    this.#taughtMs.set(key, nowMs);
    return true;
  }

  /** Of intents and plugins that are gone. */
  #forget({ intents }: PlanningSnapshot): void {
    const names = this.#options.plugins.names();
    const alive = new Set(intents.flatMap(({ name }) => names.map((plugin) => `${plugin} ${name}`)));
    for (const key of this.#taughtMs.keys()) if (!alive.has(key)) this.#taughtMs.delete(key);
  }
}

/** The prototype's scaleOut lowers the replicas where rmPod deletes pods. */
function concernedBy(plan: readonly Action[]): ReadonlySet<string> {
  const names = plan.map(({ name }) => name);
  return new Set(names.includes("rmPod") ? [...names, "scaleOut"] : names);
}
