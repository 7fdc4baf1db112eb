import { Command } from "commander";

import { type OutputFlags, show, warn, withOutput } from "../output/output.ts";

/** walras replay: what would have been under another policy. */
export function replayCommand(): Command {
  const command = new Command("replay")
    .description("play a recording of your own load with the real controller, under other policies")
    .argument("<file>", "of walras record")
    .option("--policy <files...>", "YAML: mode, limits, reserve and overbook, as the controller's flags", []);
  return withOutput(command).action(
    async (file: string, flags: OutputFlags & { readonly policy: readonly string[] }) => {
      const { replay } = await import("../replay/replay.ts");
      const { readPolicy } = await import("../replay/policy.ts");
      const { printSimulated } = await import("../simulate/print.ts");
      const { Progress } = await import("../output/progress.ts");
      const usual = { name: "full, ample", flags: ["--mode=full"] };
      const replayed = await replay(file, [usual, ...flags.policy.map(readPolicy)], new Progress("replaying"));
      warn(replayed.warnings);
      await show(replayed, flags, printSimulated);
    },
  );
}
