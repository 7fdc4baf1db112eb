import { InputError } from "@walras/kit";
import { CommanderError } from "commander";

/** Input that was wrong. */
const usageExitCode = 2;

/** 0 for help, 2 for wrong input, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) return usageExitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  return 1;
}
