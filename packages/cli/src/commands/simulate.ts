import { limitsSettings, marketModes } from "@walras/api";
import { parseDuration } from "@walras/kit";
import { Command, Option } from "commander";

import { type OutputFlags, show, warn, withOutput } from "../output/output.ts";

interface Flags extends OutputFlags {
  readonly mode: string;
  readonly limits: string;
  readonly reserve?: string;
  readonly overbook?: string;
  readonly for?: string;
}

/** walras simulate: a scenario under a policy, without a cluster and faster than time. */
export function simulateCommand(): Command {
  const command = new Command("simulate")
    .description("play a scenario with the real controller on the embedded cluster, and as its pods were created")
    .argument("<scenario>", "a file (YAML), or demo or mixed")
    .addOption(new Option("--mode <mode>", "as the controller's").choices(marketModes).default("full"))
    .addOption(new Option("--limits <setting>", "as the controller's").choices(limitsSettings).default("ample"))
    .option("--reserve <fraction>", "as the controller's")
    .option("--overbook <factor>", "as the controller's")
    .option("--for <duration>", "how long it plays; as the scenario says where not given");
  return withOutput(command).action(async (written: string, flags: Flags) => {
    const { scenarioOf } = await import("../scenario.ts");
    const { simulate } = await import("../simulate/simulate.ts");
    const { printSimulated } = await import("../simulate/print.ts");
    const { Progress } = await import("../output/progress.ts");
    const scenario = scenarioOf(written);
    const seconds = flags.for === undefined ? scenario.durationSeconds : parseDuration(flags.for, "--for") / 1000;
    const policy = { name: `${flags.mode}, ${flags.limits}`, flags: policyFlags(flags) };
    const simulated = await simulate(scenario, [policy], Math.ceil(seconds), new Progress("simulating"));
    warn(simulated.warnings);
    await show(simulated, flags, printSimulated);
  });
}

function policyFlags({ mode, limits, reserve, overbook }: Flags): readonly string[] {
  return [
    `--mode=${mode}`,
    `--limits=${limits}`,
    ...(reserve === undefined ? [] : [`--reserve=${reserve}`]),
    ...(overbook === undefined ? [] : [`--overbook=${overbook}`]),
  ];
}
