import { postureCommand } from "@walras/posture/commands";
import { Command } from "commander";

import { agentCommand } from "./commands/agent.ts";
import { carlaCommand } from "./commands/carla.ts";
import { certsCommand } from "./commands/certs.ts";
import { completionCommand } from "./commands/completion.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { gpuCommand } from "./commands/gpu.ts";
import { intentCommand } from "./commands/intent.ts";
import { marketCommand } from "./commands/market.ts";
import { planCommand } from "./commands/plan.ts";
import { recordCommand } from "./commands/record.ts";
import { replayCommand } from "./commands/replay.ts";
import { runCommand } from "./commands/run.ts";
import { savingsCommand } from "./commands/savings.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { topCommand } from "./commands/top.ts";
import { version } from "./version.ts";

/**
 * The whole tree of commands. They load what they need when they run: the quick ones stay quick.
 *
 * @param name as it was called: walras, or kubectl walras
 */
export function walrasProgram(name: string): Command {
  const program = new Command(name)
    .description("One control plane for the scarce things of a Kubernetes cluster")
    .version(version)
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });
  for (const command of [
    topCommand(),
    explainCommand(),
    planCommand(),
    savingsCommand(),
    simulateCommand(),
    recordCommand(),
    replayCommand(),
    doctorCommand(),
    demoCommand(),
    marketCommand(),
    agentCommand(),
    carlaCommand(),
    gpuCommand(),
    intentCommand(),
    postureCommand(),
    certsCommand(),
  ])
    program.addCommand(command);
  program.addCommand(completionCommand(() => program));
  program.addCommand(runCommand(), { hidden: true });
  return exitingByThrow(program);
}

/** Nothing ends the process but what has called it: commands and theirs throw. */
function exitingByThrow(command: Command): Command {
  command.exitOverride();
  for (const one of command.commands) exitingByThrow(one);
  return command;
}
