// One trial of the invariants benchmark, in a process of its own. usage: invariantsTrial.ts OPTIONS-AS-JSON
import { type Outcome, Trial, type TrialOptions } from "../test/invariants/trial.ts";

/** What the process prints. */
export interface TrialReport {
  readonly options: TrialOptions;
  readonly outcome: Omit<Outcome, "violations">;
  /** Each with how often it was seen. */
  readonly violations: readonly (readonly [string, number])[];
}

const options = JSON.parse(process.argv[2] ?? "{}") as TrialOptions;
const { violations, ...outcome } = await new Trial(options).run();
const report: TrialReport = { options, outcome, violations: [...violations] };
process.stdout.write(JSON.stringify(report));
