import { type Clock, describeError, type Logger, Repeating, type Runnable, silentLogger } from "@walras/kit";

import { changesBetween, type Texts } from "./changes.ts";
import type { ReleaseConfig } from "./policy.ts";
import { readReleaseConfig, type ReleaseConfigFiles } from "./read.ts";

const defaultIntervalMs = 2000;

export interface ConfigWatcherOptions {
  readonly files: ReleaseConfigFiles;
  readonly readText: (file: string) => string;
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly intervalMs?: number;
  readonly requireArgo?: boolean;
  /** Called with the first configuration, and with each valid one after a change and what is different in it. */
  readonly onConfig: (config: ReleaseConfig, changes: readonly string[] | null) => void;
  /** Called once for each bad content; the configuration before it stays in force. */
  readonly onError: (error: Error) => void;
}

/**
 * Reads the configuration again when a file of it changes, also the holiday
 * files it names. It compares texts: the kubelet swaps symbolic links, which
 * watching a file does not see.
 */
export class ConfigWatcher implements Runnable {
  readonly name = "carla-config";
  readonly #options: ConfigWatcherOptions;
  readonly #looks: Repeating;
  #seen: Texts = new Map();
  /** What the configuration in force was read from. */
  #inForce: Texts = new Map();

  constructor(options: ConfigWatcherOptions) {
    const { clock, intervalMs: everyMs = defaultIntervalMs, logger = silentLogger } = options;
    this.#options = options;
    this.#looks = new Repeating({ name: this.name, everyMs, clock, logger, run: () => this.#look() });
  }

  /** @throws ReleaseConfigError where the files are bad from the start */
  start(): void {
    this.#options.onConfig(this.#read(), null);
    this.#inForce = this.#seen;
    void this.#looks.start();
  }

  stop(): Promise<void> {
    return this.#looks.stop();
  }

  #look(): void {
    if (this.#hasChanged()) this.#reload();
  }

  #hasChanged(): boolean {
    return [...this.#seen].some(([file, text]) => this.#contentOf(file).text !== text);
  }

  #reload(): void {
    const { onConfig, onError } = this.#options;
    let config: ReleaseConfig;
    try {
      config = this.#read();
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    const changes = changesBetween(this.#inForce, this.#seen);
    this.#inForce = this.#seen;
    onConfig(config, changes);
  }

  /** Remembers what it has read, also where that is bad. */
  #read(): ReleaseConfig {
    const { files, clock, requireArgo = true } = this.#options;
    const seen = new Map<string, string>();
    this.#seen = seen;
    const today = new Date(clock.wallMs()).toISOString().slice(0, 10);
    const readText = (file: string): string => {
      const { text, error } = this.#contentOf(file);
      seen.set(file, text);
      if (error) throw error;
      return text;
    };
    return readReleaseConfig(files, { readText, requireArgo, today });
  }

  /** A file that cannot be read has its error for content, so that only another error is news. */
  #contentOf(file: string): { text: string; error?: Error } {
    try {
      return { text: this.#options.readText(file) };
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      return { text: `error: ${describeError(error)}`, error };
    }
  }
}
