import { report } from "@walras/kit";
import { Command, CommanderError } from "commander";

import { agentCommand } from "./commands/agent.ts";
import { carlaCommand } from "./commands/carla.ts";
import { certsCommand } from "./commands/certs.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { gpuCommand } from "./commands/gpu.ts";
import { intentCommand } from "./commands/intent.ts";
import { marketCommand } from "./commands/market.ts";
import { postureCommand } from "@walras/posture/commands";
import { exitCodeOf } from "./failure.ts";

// Commands load what they need when they run: the quick ones stay quick.
const program = new Command("walras")
  .description("One control plane for the scarce things of a Kubernetes cluster")
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });
program.addCommand(marketCommand());
program.addCommand(agentCommand());
program.addCommand(carlaCommand());
program.addCommand(gpuCommand());
program.addCommand(intentCommand());
program.addCommand(postureCommand());
program.addCommand(demoCommand());
program.addCommand(doctorCommand());
program.addCommand(certsCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) report(error);
  process.exitCode = exitCodeOf(error);
}
