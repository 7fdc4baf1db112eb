#!/usr/bin/env node
import { basename } from "node:path";

import { report } from "@walras/kit";
import { CommanderError } from "commander";

import { exitCodeOf } from "./failure.ts";
import { walrasProgram } from "./program.ts";

/** `kubectl walras` runs kubectl-walras; help names what was typed. */
const calledAs = basename(process.argv[1] ?? "").startsWith("kubectl-") ? "kubectl walras" : "walras";

// Whoever reads may stop reading: `walras top | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  await walrasProgram(calledAs).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) report(error);
  process.exitCode = exitCodeOf(error);
}
