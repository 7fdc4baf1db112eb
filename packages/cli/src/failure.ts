import { describeError, FieldError } from "@walras/kit";
import { CommanderError } from "commander";

/** Input that was wrong. */
const usageExitCode = 2;

/** Tells what went wrong on standard error: one line, naming field and value where it was the input's fault. */
export function report(error: unknown): void {
  process.stderr.write(`walras: ${describeError(error).replaceAll("\n", " ")}\n`);
}

/** 0 for help, 2 for wrong input, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof FieldError) return usageExitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  return 1;
}
