import { describeError } from "@walras/kit";

import type { ModelSource } from "../loop/ports.ts";
import { type Effect, type Models, modelsOf } from "../models/effects.ts";

const file = "effects";

/** The models of intents, as the knowledge base had them when it was last asked. */
export class ModelCache implements ModelSource {
  readonly #lookBackMinutes: number;
  readonly #onUnreadable: (intent: string, problem: string) => void;
  readonly #effects = new Map<string, readonly Effect[]>();

  /** @param onUnreadable told of a model that cannot be read, which is left out */
  constructor(lookBackMinutes: number, onUnreadable: (intent: string, problem: string) => void) {
    this.#lookBackMinutes = lookBackMinutes;
    this.#onUnreadable = onUnreadable;
  }

  modelsFor(intent: string, nowMs: number): Models {
    const since = { nowMs, lookBackMinutes: this.#lookBackMinutes };
    return modelsOf(this.#effects.get(intent) ?? [], { intent, since, file });
  }

  has(intent: string): boolean {
    return this.#effects.has(intent);
  }

  /** The newest model of one KPI; undefined: there is none. */
  newest(intent: string, group: string, profile: string): Effect | undefined {
    return this.#effects.get(intent)?.findLast((one) => one.group === group && one.profileName === profile);
  }

  /** @param effects in the order of writing */
  put(intent: string, effects: readonly Effect[]): void {
    this.#effects.set(intent, newestOf(effects.filter((effect) => this.#isReadable(intent, effect))));
  }

  /** Forgets intents that are gone. */
  keepOnly(intents: ReadonlySet<string>): void {
    for (const intent of this.#effects.keys()) if (!intents.has(intent)) this.#effects.delete(intent);
  }

  #isReadable(intent: string, effect: Effect): boolean {
    try {
      modelsOf([effect], { intent, since: null, file });
      return true;
    } catch (error) {
      this.#onUnreadable(intent, describeError(error));
      return false;
    }
  }
}

/** Of each KPI the last that was learnt and the last that somebody has written, in their order. */
function newestOf(effects: readonly Effect[]): Effect[] {
  const last = new Map(effects.map((effect) => [topicOf(effect), effect]));
  return effects.filter((effect) => last.get(topicOf(effect)) === effect);
}

function topicOf({ group, profileName, static: pinned }: Effect): string {
  return JSON.stringify([group, profileName, pinned]);
}
