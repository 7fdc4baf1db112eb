import { type Clock, describeError, type Logger, Polled, type Runnable } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import type { Freeze } from "../config/policy.ts";
import { freezeNote, readFreeze } from "./freezeNote.ts";
import { isForbidden } from "./notes.ts";

export interface FreezeWatchOptions {
  readonly transport: KubeTransport;
  readonly namespace: string;
  /** What is in force may have changed. */
  readonly onChanged: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Somebody who freezes is heard within two seconds: one to wait, one to be answered. */
const everyMs = 1_000;
const deadlineMs = 5_000;
/** What was heard longer ago says nothing of now. */
const freshMs = 15_000;

/**
 * What `walras carla freeze` has written. One that cannot be read stops
 * everything, as what cannot be heard of does. Who may not look at it, since
 * its role is an older one, is told once and goes on.
 */
export class FreezeWatch implements Runnable {
  readonly name = "freeze";
  readonly #options: FreezeWatchOptions;
  readonly #polled: Polled<string | null>;
  #text: string | null | undefined;
  /** Why it is not looked at; null: it is. */
  #forbidden: string | null = null;
  #unreadable: string | null = null;

  constructor(options: FreezeWatchOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#polled = new Polled({ name: this.name, ask: () => this.#ask(), everyMs, deadlineMs, freshMs, clock, logger });
  }

  start(): Promise<void> {
    return this.#polled.start();
  }

  stop(): Promise<void> {
    return this.#polled.stop();
  }

  /** null: not known. */
  current(): readonly Freeze[] | null {
    const answer = this.#polled.fresh();
    if (!answer || this.#unreadable !== null) return null;
    return answer.value === null ? [] : [readFreeze(answer.value, this.#options.namespace)];
  }

  /** Why it is not known, or not looked at; null: it is. */
  get trouble(): string | null {
    return this.#forbidden ?? this.#unreadable ?? this.#polled.trouble();
  }

  async #ask(): Promise<string | null> {
    const text = await this.#read();
    if (text !== this.#text) this.#heard(text);
    return text;
  }

  async #read(): Promise<string | null> {
    const { transport, namespace } = this.#options;
    try {
      const text = await freezeNote(transport, namespace).read();
      this.#forbidden = null;
      return text;
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.#tellForbidden(describeError(error));
      return null;
    }
  }

  #heard(text: string | null): void {
    const { logger, namespace, onChanged } = this.#options;
    const isNews = this.#text !== undefined;
    this.#text = text;
    try {
      if (text !== null) readFreeze(text, namespace);
      this.#unreadable = null;
      if (isNews || text !== null) logger.info({ freeze: text }, text === null ? "unfrozen" : "frozen");
    } catch (error) {
      this.#unreadable = describeError(error);
      logger.error({ error: this.#unreadable }, "nothing is released: the freeze cannot be read");
    }
    if (isNews) onChanged();
  }

  #tellForbidden(error: string): void {
    if (this.#forbidden !== null) return;
    this.#forbidden = error;
    const { logger, namespace } = this.#options;
    logger.error({ namespace, error }, "walras carla freeze has no effect: give the Role of deploy/carla/rbac.yaml");
  }
}
