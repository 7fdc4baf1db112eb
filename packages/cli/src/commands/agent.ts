import { systemClock, parseDuration } from "@walras/kit";
import type { MachineSample } from "@walras/node-agent";
import { Command } from "commander";

import { type OutputFlags, show, withOutput } from "../output/output.ts";
import { type Column, tableText } from "../output/table.ts";
import type { Screen } from "../output/screen.ts";

/** walras agent: the agent by itself, without a controller. */
export function agentCommand(): Command {
  const agent = new Command("agent").description("the agent by itself, without a controller");
  withOutput(agent.command("sample"))
    .description("print what the agent sees of a machine, or of a tree that looks like one")
    .option("--cgroup-root <dir>", "where the cgroup file system is", "/sys/fs/cgroup")
    .option("--proc-root <dir>", "where the proc file system is", "/proc")
    .option("--for <duration>", "how long to look: 500ms, 2s, 1m", "2s")
    .action(async (options: OutputFlags & { cgroupRoot: string; procRoot: string; for: string }) => {
      const { sampleOnce } = await import("@walras/node-agent");
      const { cgroupRoot, procRoot } = options;
      const sample = await sampleOnce({
        cgroupRoot,
        procRoot,
        forMs: parseDuration(options.for, "--for"),
        clock: systemClock,
      });
      await show(sample, options, sampleText);
    });
  return agent;
}

type Sampled = MachineSample["containers"][number];

const columns: readonly Column<Sampled>[] = [
  { head: "POD", of: ({ podUID }) => podUID },
  { head: "CONTAINER", of: ({ containerID }) => containerID.slice(0, 12) },
  { head: "USAGE m", of: ({ usageMilli }) => String(Math.round(usageMilli)), right: true },
  {
    head: "THROTTLED",
    of: ({ throttledRatio }) => (throttledRatio === null ? "-" : `${Math.round(throttledRatio * 100)}%`),
    right: true,
  },
  {
    head: "QUOTA m",
    of: ({ quotaMilli }) => (quotaMilli === null ? "-" : String(Math.round(quotaMilli))),
    right: true,
  },
];

function sampleText({ cgroup, containers }: MachineSample, screen: Screen): string {
  return `cgroup ${cgroup}\n${tableText(columns, containers, screen)}`;
}
