/** What one check found. */
export interface Finding {
  readonly check: string;
  readonly verdict: "ok" | "warn" | "fail";
  /** What was found, and where it is not ok, what to do. */
  readonly detail: string;
}

/** What a check answers; its name is added. */
export type Answer = Omit<Finding, "check">;

/** Something that must hold for Walras to work. */
export interface Check {
  readonly name: string;
  run(): Promise<Answer> | Answer;
}

/** Runs each check; one that throws has failed, the others still run. */
export async function runChecks(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    try {
      findings.push({ check: check.name, ...(await check.run()) });
    } catch (error) {
      findings.push({
        check: check.name,
        verdict: "fail",
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return findings;
}
