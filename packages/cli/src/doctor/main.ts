import { report } from "@walras/kit";
import { Command, CommanderError } from "commander";

import { doctorCommand } from "../commands/doctor.ts";
import { exitCodeOf } from "../failure.ts";

// The doctor and nothing else, for the controller's image: a Job of the chart runs it in the cluster.
const program = new Command("walras")
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .addCommand(doctorCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) report(error);
  process.exitCode = exitCodeOf(error);
}
