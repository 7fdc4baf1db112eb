import { readFileSync } from "node:fs";

import {
  type Answer,
  answerOf,
  applicationsIn,
  type AppSnapshot,
  decide,
  planLive,
  readReleaseConfig,
  type ReleaseConfig,
  type ReleaseSnapshot,
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
  /** Where CARLA runs. */
  readonly namespace?: string;
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
    const decision = await planLive(config, {
      env: process.env,
      kubeconfig: options.kubeconfig,
      namespace: options.namespace ?? "carla",
    });
    return { answer: answerOf(decision), warnings: config.warnings };
  }
  const snapshot = readState(readJson(options.state), options.state, nowMs);
  const { apps, strangers } = meant(snapshot.apps, config, options.state);
  const warnings = strangers.map((name) => `${options.state}: apps.${name} is not in ${options.apps}`);
  return { answer: answerOf(decide(config, { ...snapshot, apps })), warnings: [...config.warnings, ...warnings] };
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

/** The applications that the state's names mean. One that means none is probably a typing error. */
function meant(
  state: ReleaseSnapshot["apps"],
  config: ReleaseConfig,
  file: string,
): { apps: ReleaseSnapshot["apps"]; strangers: string[] } {
  const meaning = applicationsIn(config);
  const apps = new Map<string, AppSnapshot>();
  for (const [written, app] of state) {
    const [told, ...others] = meaning(written);
    if (others.length > 0)
      throw errorAt(`${file}.apps`, written, `may be ${[told, ...others].join(" or ")}: write which`);
    if (told !== undefined) apps.set(told, app);
  }
  return { apps, strangers: [...state.keys()].filter((written) => meaning(written).length === 0) };
}
