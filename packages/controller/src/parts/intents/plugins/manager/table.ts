import { describeError, type Logger } from "@walras/kit";
import type { RegisterRequest } from "@walras/proto/plugins";

import { clip } from "../../../../base/bounds/clip.ts";
import { measuredAims } from "../../decide/aims.ts";
import type { ForeignProposal, ForeignQuestion } from "../../decide/foreign/told.ts";
import { toldNow } from "../../decide/foreign/words.ts";
import type { Action } from "../../decide/snapshot.ts";
import { pluginLimits as limits } from "../limits.ts";
import { readAnswer } from "../wire/answer.ts";
import { actionMessage, goalMessage, profileMessages, stateMessage } from "../wire/messages.ts";
import { Plugin, type PluginSurroundings } from "./plugin.ts";
import type { PluginObserver, Plugins, Situation } from "./ports.ts";
import { readRegistration, type Registration } from "./registration.ts";

export interface PluginTableOptions extends PluginSurroundings {
  readonly logger: Logger;
  readonly observer: PluginObserver;
}

/** A plugin as it is told of. */
export interface PluginStatus {
  readonly name: string;
  readonly endpoint: string;
  readonly ready: boolean;
  /** Why its last call failed; null: it did not. */
  readonly trouble: string | null;
}

interface Entry {
  readonly plugin: Plugin;
  /** Looks in a row in which it was not connected. */
  missed: number;
}

/** The plugins that have registered, one a name. */
export class PluginTable implements Plugins {
  readonly #options: PluginTableOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #registering = new Set<string>();
  #closed = false;

  constructor(options: PluginTableOptions) {
    this.#options = options;
  }

  names(): readonly string[] {
    return [...this.#entries.keys()].toSorted();
  }

  statuses(): readonly PluginStatus[] {
    return this.names().flatMap((name) => {
      const plugin = this.#entries.get(name)?.plugin;
      if (plugin === undefined) return [];
      return [{ name, endpoint: plugin.endpoint, ready: plugin.isReady(), trouble: plugin.trouble }];
    });
  }

  /** @returns why it is not registered; null: it is, and connected */
  async register(request: RegisterRequest): Promise<string | null> {
    const registration = readRegistration(request);
    if (typeof registration === "string") return registration;
    const { name } = registration;
    const conflict = this.#conflictWith(registration);
    if (conflict !== null) return conflict;
    this.#registering.add(name);
    try {
      return await this.#connect(registration);
    } finally {
      this.#registering.delete(name);
    }
  }

  /** Drops those that have not been connected for some looks in a row. */
  sweep(): void {
    for (const [name, entry] of this.#entries) {
      entry.missed = entry.plugin.isReady() ? 0 : entry.missed + 1;
      if (entry.missed >= limits.sweeps) this.#drop(name, entry);
    }
  }

  async propose(
    { intent, actuator, state }: ForeignQuestion,
    situation: Situation,
    signal: AbortSignal,
  ): Promise<readonly ForeignProposal[]> {
    const request = {
      state: stateMessage(situation.intent, state),
      goal: goalMessage(situation.intent),
      profiles: profileMessages(situation.intent, situation.profiles),
    };
    const read = (answer: Parameters<typeof readAnswer>[0]): ForeignProposal[] =>
      readAnswer(answer, { plugin: actuator, intent });
    return this.#plugin(actuator).nextState(request, read, signal);
  }

  async perform(name: string, situation: Situation, plan: readonly Action[], signal: AbortSignal): Promise<void> {
    await this.#plugin(name).perform({ state: stateNow(situation), plan: plan.map(actionMessage) }, signal);
  }

  async effect(name: string, situation: Situation, signal: AbortSignal): Promise<void> {
    const profiles = profileMessages(situation.intent, situation.profiles);
    await this.#plugin(name).effect({ state: stateNow(situation), profiles }, signal);
  }

  close(): void {
    this.#closed = true;
    for (const { plugin } of this.#entries.values()) plugin.close();
    this.#entries.clear();
  }

  /** One that lives keeps its name, unless it comes back itself: at the same place there is one process. */
  #conflictWith({ name, endpoint }: Registration): string | null {
    if (this.#registering.has(name)) return `${name} is being registered`;
    const known = this.#entries.get(name)?.plugin;
    if (known === undefined)
      return this.#entries.size + this.#registering.size < limits.plugins
        ? null
        : `${limits.plugins} plugins are registered, and no more are taken`;
    if (known.endpoint === endpoint || !known.isLive()) return null;
    return `${name} is registered already, by ${known.endpoint}`;
  }

  async #connect(registration: Registration): Promise<string | null> {
    const { name, endpoint } = registration;
    const { logger, observer } = this.#options;
    const plugin = new Plugin(registration, this.#options);
    try {
      await plugin.dial();
    } catch (error) {
      plugin.close();
      return `p_info.endpoint: ${describeError(error)}`;
    }
    if (this.#closed) {
      plugin.close();
      return "this planner stops";
    }
    this.#entries.get(name)?.plugin.close();
    this.#entries.set(name, { plugin, missed: 0 });
    logger.info({ plugin: name, endpoint }, "plugin registered");
    observer.registered(name, this.#entries.size);
    return null;
  }

  #drop(name: string, { plugin }: Entry): void {
    plugin.close();
    this.#entries.delete(name);
    this.#options.logger.warn({ plugin: name, endpoint: plugin.endpoint }, "plugin is gone");
    this.#options.observer.dropped(name, this.#entries.size);
  }

  #plugin(name: string): Plugin {
    const plugin = this.#entries.get(name)?.plugin;
    if (plugin === undefined) throw new Error(`no plugin ${clip(name)} is registered`);
    return plugin;
  }
}

/** @throws Error where something is not measured: −1 would be taken for a value */
function stateNow({ intent, profiles }: Situation): ReturnType<typeof stateMessage> {
  const measured = measuredAims(intent, profiles);
  if (!measured.known) throw new Error(measured.why);
  const objectives = new Map([...measured.values].map(([{ profile }, value]) => [profile, value]));
  return stateMessage(intent, toldNow(intent, objectives));
}
