import { describeError, report } from "@walras/kit";

/** Who is told what became of each object. */
export interface Teller {
  did(what: string, outcome: string): void;
  failed(what: string, error: unknown): void;
}

/** What was done on standard output, what was not on standard error; then the exit code is 1. */
export const printer: Teller = {
  did: (what, outcome) => {
    process.stdout.write(`${what} ${outcome}\n`);
  },
  failed: (what, error) => {
    report(new Error(`${what}: ${describeError(error)}`));
    process.exitCode = 1;
  },
};
