import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { type Clock, describeError, type Logger, type Runnable } from "@walras/kit";

import { OverrideConsent, type OverrideState } from "./consent.ts";
import { FileGrantMemory, overrideFile } from "./overrideFile.ts";
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
  /** Another configuration is in force. */
  readonly onChanged: (config: ReleaseConfig, before: ReleaseConfig) => void;
}

/** The configuration in force, which files change while we run. */
export class ConfigHolder {
  readonly #options: ConfigHolderOptions;
  #config: ReleaseConfig;
  #error: string | null = null;
  readonly #override: OverrideConsent;
  /** Of what outlives the process. */
  readonly #folder: string;
  /** Read the files again as they change. */
  readonly watchers: readonly Runnable[];

  /** @throws ReleaseConfigError where the files are bad from the start */
  constructor(options: ConfigHolderOptions) {
    this.#options = options;
    const { policyFile, appsFile, clock } = options;
    const files = { policyFile, appsFile };
    const today = new Date(clock.wallMs()).toISOString().slice(0, 10);
    this.#config = readReleaseConfig(files, { readText, requireArgo: true, today });
    this.#folder = dirname(this.#config.policy.decisionsCsv);
    this.#override = this.#consent();
    const watcher = new ConfigWatcher({
      files,
      readText,
      clock,
      onConfig: (config, changes) => this.#take(config, changes),
      onError: (error) => this.#refuse(error),
    });
    this.watchers = [watcher, this.#override.watch];
  }

  get config(): ReleaseConfig {
    return this.#config;
  }

  /** What is wrong with what was read last; null: nothing. */
  get error(): string | null {
    return this.#error;
  }

  /** What the override file says and whether that is in force. */
  override(): OverrideState & { readonly file: string } {
    return { ...this.#override.state(), file: this.#options.overrideFile };
  }

  /** Who approves everything high-risk: the override file's name while it is in force; null: nobody. */
  overriddenBy(): string | null {
    return this.override().kind === "in force" ? basename(this.#options.overrideFile) : null;
  }

  /** What was granted is kept beside the journal. */
  #consent(): OverrideConsent {
    const { overrideFile: file, clock, logger } = this.#options;
    return new OverrideConsent({
      file,
      source: overrideFile(file),
      memory: new FileGrantMemory(join(this.#folder, "override.json")),
      holdsMs: () => this.#config.policy.overrideMs,
      clock,
      logger,
    });
  }

  /** @param changes null: it is the first */
  #take(config: ReleaseConfig, changes: readonly string[] | null): void {
    const { logger, onChanged } = this.#options;
    const before = this.#config;
    this.#config = config;
    this.#error = null;
    for (const warning of config.warnings) logger.warn({ warning }, "configuration");
    if (changes === null) return logger.debug({ apps: config.apps.length }, "configuration read");
    logger.info(
      { changes: changes.length > 0 ? changes : "none of a value" },
      "configuration read again: it is in force",
    );
    this.#tellOfRestart(config);
    onChanged(config, before);
  }

  #tellOfRestart({ policy }: ReleaseConfig): void {
    const folder = dirname(policy.decisionsCsv);
    if (folder === this.#folder) return;
    const stays = `the journal stays in ${this.#folder} until a restart, and what override.yaml granted with it`;
    this.#options.logger.warn({ "logging.decisions_csv": policy.decisionsCsv }, stays);
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
