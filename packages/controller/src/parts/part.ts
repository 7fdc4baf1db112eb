import type { Socket } from "node:net";

import type { Runnable } from "@walras/kit";
import { parseWith } from "@walras/kit";
import type { Command } from "commander";
import type { z } from "zod";

import type { Base } from "../base/base.ts";
import type { AloneDefaults, BaseConfig } from "../base/config/flags.ts";
import type { Issue } from "../base/configFile/file.ts";
import type { Surroundings } from "../base/config/surroundings.ts";
import type { PartDashboard } from "../base/dashboard/ports.ts";
import type { Views } from "../base/ops/views.ts";

/** One part, wired: what runs, what it shows, and whether it is ready. */
export interface Part {
  /** In the order they start. */
  readonly runnables: readonly Runnable[];
  /** Stopped before the writes end, so that what they still have to write is written. */
  readonly closing?: readonly Runnable[];
  readonly views: Views;
  /** What it shows on the dashboard, where there is one. */
  readonly dashboard?: PartDashboard;
  /** What is not ready yet; empty when all is. */
  readonly notReady: () => readonly string[];
  /** What its first line in the log says, where it has one. */
  readonly greeting?: () => string;
  /** Takes of its flags what may change while it runs, as its own schema has read them. */
  readonly take?: (flags: object) => void;
}

/** What a part is given when it is wired. */
export interface PartContext {
  readonly around: Surroundings;
  readonly base: Base;
  readonly config: BaseConfig;
  /** No other part runs in this process. */
  readonly alone: boolean;
  /** Serves a connection that speaks HTTP/1 as the ops port does: metrics, health and views. */
  readonly serveHttp: (socket: Socket) => void;
}

/** What a part is: everything the controller has to know of it beforehand. Adding one is adding its definition to the list. */
export interface PartDefinition<Flags extends object> {
  readonly name: string;
  /** Adds its flags to the command line, each with its default or its variable. */
  readonly addFlags: (program: Command, env: NodeJS.ProcessEnv) => Command;
  readonly schema: z.ZodType<Flags>;
  /** What of it has no flag, and stands in a configuration file alone. */
  readonly fileOnly?: z.ZodRawShape;
  /** What of it is taken while it runs. */
  readonly live?: readonly (keyof Flags & string)[];
  /** Defaults of the base where this part runs by itself. */
  readonly alone: AloneDefaults;
  /** Variables that somebody set and that mean nothing here, a sentence for each. */
  readonly unread?: (env: NodeJS.ProcessEnv, alone: boolean) => readonly string[];
  /** It cannot do without live reports, so that agents are served wherever it runs. */
  readonly needsAgents: boolean;
  /** @throws FieldError for flags that do not go together */
  readonly check?: (flags: Flags, agents: boolean) => void;
  /** Loads what it is made of: a part that is not wanted stays on the disk. */
  readonly load: () => Promise<(flags: Flags, context: PartContext) => Part>;
}

/** A part whose flags have been read. */
interface ConfiguredPart {
  readonly name: string;
  readonly flags: object;
  readonly check: (agents: boolean) => void;
  readonly wire: (context: PartContext) => Promise<Part>;
}

/** A part as the list holds it: whatever its flags are, nobody else sees them. */
export interface ListedPart extends Pick<
  PartDefinition<never>,
  "name" | "addFlags" | "alone" | "needsAgents" | "unread" | "fileOnly"
> {
  readonly live: readonly string[];
  /** What its schema does not take of these options. */
  readonly issues: (options: object) => readonly Issue[];
  /** @throws FieldError naming the flag and its value */
  readonly configure: (options: object) => ConfiguredPart;
}

/** A part for the list. */
export function definePart<Flags extends object>(definition: PartDefinition<Flags>): ListedPart {
  const { name, schema, check, load, live = [] } = definition;
  return {
    ...definition,
    live,
    issues: (options) => schema.safeParse(options).error?.issues ?? [],
    configure: (options) => {
      const flags = parseWith(schema, options, "flags");
      return {
        name,
        flags,
        check: (agents) => check?.(flags, agents),
        wire: async (context) => (await load())(flags, context),
      };
    },
  };
}

/** A file that some of the configuration is from. */
interface ConfigSource {
  readonly name: string;
  readonly text: string;
  /** The whole configuration, were this in the file. @throws FieldError; ConfigFileError */
  readonly again: (text: string) => ControllerConfig;
}

/** Everything a controller can be told: the base's flags, and the parts that it runs with theirs. */
export interface ControllerConfig extends BaseConfig {
  readonly parts: readonly string[];
  readonly configured: readonly ConfiguredPart[];
  /** Where agents connect; undefined where none are served. */
  readonly agentsAt: string | undefined;
  /** Names of flags, as their schemas call them, that are taken while the controller runs. */
  readonly live: readonly string[];
  /** Where some of it was read from a file. */
  readonly file: ConfigSource | undefined;
  /** What was set and means nothing, to be said before all else. */
  readonly unread: readonly string[];
}
