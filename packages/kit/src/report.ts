import { describeError } from "./errors.ts";

/** Tells what went wrong on standard error: one line for each thing, naming field and value where it was the input's fault. */
export function report(error: unknown): void {
  for (const line of describeError(error).split("\n")) process.stderr.write(`walras: ${line}\n`);
}
