import { InputError } from "@walras/kit";
import { CommanderError } from "commander";

import { ClusterError } from "./cluster/failure.ts";

/** What a command ends with, as docs/cli.md has it. */
export const exitCodes = {
  done: 0,
  /** It was tried and failed, or a check of doctor fails. */
  failed: 1,
  /** What was typed, or a file that it names, is wrong. */
  usage: 2,
  /** carla approve: what was written is not there any more. */
  gone: 3,
  /** No kubeconfig, no answer, no right, or a kind that is not installed. */
  cluster: 4,
} as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof InputError) return exitCodes.usage;
  if (error instanceof ClusterError) return exitCodes.cluster;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  return exitCodes.failed;
}
