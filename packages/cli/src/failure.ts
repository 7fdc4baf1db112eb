import { describeError, InputError } from "@walras/kit";
import { CommanderError } from "commander";

/** Input that was wrong. */
const usageExitCode = 2;

/** Tells what went wrong on standard error: one line for each thing, naming field and value where it was the input's fault. */
export function report(error: unknown): void {
  for (const line of describeError(error).split("\n")) process.stderr.write(`walras: ${line}\n`);
}

/** 0 for help, 2 for wrong input, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) return usageExitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  return 1;
}
