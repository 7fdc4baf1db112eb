import { readFile } from "node:fs/promises";

import { describeError, type Logger } from "@walras/kit";

/** What a controller is told, flat: each flag and what else a file may say by the name of its schema. */
export type Settings = Readonly<Record<string, unknown>>;

/** What the watcher needs of the controller. */
interface Configurable<Config> {
  /** @throws InputError for a text that is refused as a whole */
  readonly read: (text: string) => Config;
  readonly settingsOf: (config: Config) => Settings;
  /** Names of what may change while it runs. */
  readonly live: readonly string[];
  readonly apply: (config: Config) => void;
}

/** What is told of a file that has changed. */
export interface ConfigObserver {
  /** @param applied keys of what has changed and holds from now on @param waiting keys of what needs a restart */
  taken(applied: readonly string[], waiting: readonly string[]): void;
  /** What held before still does. */
  refused(reason: string): void;
}

interface WatcherOptions<Config> {
  readonly file: string;
  /** As it was at the start. */
  readonly text: string;
  readonly config: Config;
  readonly configurable: Configurable<Config>;
  readonly observer: ConfigObserver;
  readonly logger: Logger;
}

/**
 * Takes a configuration file again when its text is another: it is read and compared, so that it does not matter by what it was
 * changed, a kubelet that swaps a link among them.
 */
export class ConfigWatcher<Config> {
  readonly #options: WatcherOptions<Config>;
  readonly #started: Settings;
  #text: string;
  #holds: Settings;
  #unreadable = "";

  constructor(options: WatcherOptions<Config>) {
    this.#options = options;
    this.#text = options.text;
    this.#started = options.configurable.settingsOf(options.config);
    this.#holds = this.#started;
  }

  async look(): Promise<void> {
    const text = await this.#read();
    if (text === null || text === this.#text) return;
    this.#text = text;
    this.#take(text);
  }

  /** A file that is away for a moment, as while a link is swapped, is no other file. */
  async #read(): Promise<string | null> {
    const { file, logger } = this.#options;
    try {
      const text = await readFile(file, "utf8");
      this.#unreadable = "";
      return text;
    } catch (error) {
      const complaint = describeError(error);
      if (complaint !== this.#unreadable) logger.warn({ file, error: complaint }, "configuration file is not read");
      this.#unreadable = complaint;
      return null;
    }
  }

  #take(text: string): void {
    const { configurable, observer } = this.#options;
    let config: Config;
    try {
      config = configurable.read(text);
    } catch (error) {
      observer.refused(describeError(error));
      return;
    }
    const settings = configurable.settingsOf(config);
    const { live } = configurable;
    const applied = changedIn(this.#holds, settings).filter((name) => live.includes(name));
    if (applied.length > 0) configurable.apply(config);
    this.#holds = settings;
    const waiting = changedIn(this.#started, settings).filter((name) => !live.includes(name));
    observer.taken(applied.map(keyOf), waiting.map(keyOf));
  }
}

/** Names of what differs, in order. */
function changedIn(before: Settings, after: Settings): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** As the file and the command line call it. */
function keyOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
