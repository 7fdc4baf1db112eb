import { readFileSync } from "node:fs";

import { type Clock, describeError, type Logger, type Runnable } from "@walras/kit";

import { readOverride } from "./override.ts";
import type { ReleaseConfig } from "./policy.ts";
import { readReleaseConfig } from "./read.ts";
import { ConfigWatcher } from "./watcher.ts";

export interface ConfigHolderOptions {
  readonly policyFile: string;
  readonly appsFile: string;
  /** Need not be there. */
  readonly overrideFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A configuration was refused. */
  readonly onRefused: () => void;
}

/** The configuration in force, which files change while we run. */
export class ConfigHolder {
  readonly #options: ConfigHolderOptions;
  #config: ReleaseConfig;
  #error: string | null = null;
  #override = { text: "", sinceMs: 0 };
  /** Reads the files again as they change. */
  readonly watcher: Runnable;

  /** @throws ReleaseConfigError where the files are bad from the start */
  constructor(options: ConfigHolderOptions) {
    this.#options = options;
    const { policyFile, appsFile, clock } = options;
    const files = { policyFile, appsFile };
    const today = new Date(clock.wallMs()).toISOString().slice(0, 10);
    this.#config = readReleaseConfig(files, { readText, requireArgo: true, today });
    this.watcher = new ConfigWatcher({
      files,
      readText,
      clock,
      onConfig: (config) => this.#take(config),
      onError: (error) => this.#refuse(error),
    });
  }

  get config(): ReleaseConfig {
    return this.#config;
  }

  /** What is wrong with what was read last; null: nothing. */
  get error(): string | null {
    return this.#error;
  }

  /** Whether override.yaml approves everything high-risk: for a while after it is seen to say so. */
  override(): boolean {
    const { overrideFile, clock } = this.#options;
    const text = readOrNothing(overrideFile);
    if (text !== this.#override.text) this.#override = { text, sinceMs: clock.monotonicMs() };
    return readOverride(text) && clock.monotonicMs() - this.#override.sinceMs < this.#config.policy.overrideMs;
  }

  #take(config: ReleaseConfig): void {
    const { logger } = this.#options;
    this.#config = config;
    this.#error = null;
    for (const warning of config.warnings) logger.warn({ warning }, "configuration");
    logger.debug({ apps: config.apps.length }, "configuration read");
  }

  #refuse(error: Error): void {
    const { logger, onRefused } = this.#options;
    this.#error = describeError(error);
    onRefused();
    logger.error({ error: this.#error }, "configuration refused; the one before stays in force");
  }
}

function readText(file: string): string {
  return readFileSync(file, "utf8");
}

function readOrNothing(file: string): string {
  try {
    return readText(file);
  } catch {
    return "";
  }
}
