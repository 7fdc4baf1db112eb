import { Argument, Command } from "commander";

import { type ProgramName, programNames } from "../self.ts";

const programs: Readonly<Record<ProgramName, () => Promise<unknown>>> = {
  controller: () => import("@walras/controller/main"),
  agent: () => import("@walras/node-agent/main"),
};

/** walras run: what `walras demo` starts where all programs are packed into one. */
export function runCommand(): Command {
  return new Command("run")
    .description("be one of the cluster's programs: run PROGRAM -- FLAGS")
    .addArgument(new Argument("<program>", "which").choices(programNames))
    .argument("[flags...]", "its own")
    .action(async (program: ProgramName, flags: readonly string[]) => {
      // They read the command line themselves.
      process.argv = [...process.argv.slice(0, 2), ...flags];
      await programs[program]();
    });
}
