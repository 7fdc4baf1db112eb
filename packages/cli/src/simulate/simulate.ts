import type { Scenario } from "@walras/sim";

import type { Progress } from "../output/progress.ts";
import { playTrial, type TrialResult } from "./trial.ts";

/** One way to run the cluster. */
export interface Row {
  readonly policy: string;
  readonly throttledSeconds: number;
  /** Work given up, in core-seconds; null: nobody measures it. */
  readonly lostSeconds: number | null;
  /** Requests of pods on the market, in cores, on average. */
  readonly promisedCores: number;
  readonly rationedSeconds: number;
  /** null: not known. */
  readonly resizes: number | null;
}

/** What came of a scenario under some policies, and as its pods were created. */
export interface Simulated {
  readonly scenario: string;
  readonly seconds: number;
  readonly pods: number;
  readonly policies: readonly Row[];
  readonly warnings: readonly string[];
}

/** A policy by its name, as flags of the controller. */
export interface NamedPolicy {
  readonly name: string;
  readonly flags: readonly string[];
}

/**
 * The scenario under each policy, one after the other, and as its pods were
 * created. The same scenario and flags give the same numbers.
 *
 * @throws FieldError
 */
export async function simulate(
  scenario: Scenario,
  policies: readonly NamedPolicy[],
  seconds: number,
  progress: Progress,
): Promise<Simulated> {
  const { faults, warnings } = playable(scenario);
  const rows: Row[] = [];
  const all = [...policies, asCreated];
  for (const [index, { name, flags }] of all.entries()) {
    const share = (done: number): void => progress.at((index + done) / all.length);
    const result = await playTrial({ scenario: { ...scenario, faults }, flags, seconds, progress: share });
    rows.push(rowOf(name, result));
  }
  progress.end();
  const pods = scenario.pods.reduce((sum, { count }) => sum + count, 0);
  return { scenario: scenario.name, seconds, pods, policies: rows, warnings };
}

/** What would have been without a market. */
const asCreated: NamedPolicy = { name: "as created", flags: ["--mode=off"] };

/** Programs are not processes here, so that nobody can kill them. */
function playable({ faults }: Scenario): { readonly faults: Scenario["faults"]; readonly warnings: readonly string[] } {
  const kept = faults.filter(({ kind }) => kind !== "killAgent" && kind !== "killController");
  const left = faults.length - kept.length;
  return {
    faults: kept,
    warnings: left === 0 ? [] : [`${left} faults are left out that kill programs: walras demo plays them`],
  };
}

function rowOf(policy: string, { summary, promisedCores, rationedSeconds, resizes }: TrialResult): Row {
  const { throttledSeconds, lostSeconds } = summary.market;
  return { policy, throttledSeconds, lostSeconds, promisedCores, rationedSeconds, resizes };
}
