import { readFileSync } from "node:fs";

import {
  type Answer,
  answerOf,
  decide,
  planLive,
  readReleaseConfig,
  type ReleaseConfig,
} from "@walras/controller/carla";
import { errorAt, systemClock } from "@walras/kit";

import { readState } from "./state.ts";

export interface PlanOptions {
  readonly policy: string;
  readonly apps: string;
  /** Decides from this file instead of a cluster. */
  readonly state?: string;
  readonly now?: string;
  readonly kubeconfig?: string;
}

/** The next tick's decision. @throws FieldError, ReleaseConfigError */
export async function plan(options: PlanOptions): Promise<{ answer: Answer; warnings: readonly string[] }> {
  const nowMs = readNow(options.now);
  const offline = options.state !== undefined;
  const config = readReleaseConfig(
    { policyFile: options.policy, appsFile: options.apps },
    {
      readText: (file) => readFileSync(file, "utf8"),
      requireArgo: !offline,
      today: new Date(nowMs).toISOString().slice(0, 10),
    },
  );
  if (options.state === undefined) {
    if (options.now !== undefined) throw errorAt("--now", options.now, "goes with --state: live state is of now");
    const decision = await planLive(config, { env: process.env, kubeconfig: options.kubeconfig });
    return { answer: answerOf(decision), warnings: config.warnings };
  }
  const snapshot = readState(readJson(options.state), options.state, nowMs);
  const strangers = strangersIn([...snapshot.apps.keys()], config).map(
    (name) => `${options.state}: apps.${name} is not in ${options.apps}`,
  );
  return { answer: answerOf(decide(config, snapshot)), warnings: [...config.warnings, ...strangers] };
}

function readNow(text: string | undefined): number {
  if (text === undefined) return systemClock.wallMs();
  const nowMs = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(nowMs)) throw errorAt("--now", text, "is not a time with a zone such as 2026-03-29T02:30:00Z");
  return nowMs;
}

function readJson(file: string): unknown {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw errorAt("--state", file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw errorAt(file, text, `is not JSON (${error instanceof Error ? error.message : "unknown"})`);
  }
}

/** A name in the state that the configuration does not know is probably a typing error. */
function strangersIn(names: readonly string[], { apps }: ReleaseConfig): string[] {
  const known = new Set(apps.map(({ name }) => name));
  return names.filter((name) => !known.has(name));
}
