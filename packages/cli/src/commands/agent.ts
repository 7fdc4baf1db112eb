import { systemClock, parseDuration } from "@walras/kit";
import type { MachineSample } from "@walras/node-agent";
import { Command } from "commander";

/** walras agent: the agent by itself, without a controller. */
export function agentCommand(): Command {
  const agent = new Command("agent").description("the agent by itself, without a controller");
  agent
    .command("sample")
    .description("print what the agent sees of a machine, or of a tree that looks like one")
    .option("--cgroup-root <dir>", "where the cgroup file system is", "/sys/fs/cgroup")
    .option("--proc-root <dir>", "where the proc file system is", "/proc")
    .option("--for <duration>", "how long to look: 500ms, 2s, 1m", "2s")
    .option("--json", "print JSON")
    .action(async (options: { cgroupRoot: string; procRoot: string; for: string; json?: boolean }) => {
      const { sampleOnce } = await import("@walras/node-agent");
      const { cgroupRoot, procRoot } = options;
      const sample = await sampleOnce({
        cgroupRoot,
        procRoot,
        forMs: parseDuration(options.for, "--for"),
        clock: systemClock,
      });
      process.stdout.write(options.json ? `${JSON.stringify(sample)}\n` : table(sample));
    });
  return agent;
}

function table({ cgroup, containers }: MachineSample): string {
  const rows = containers.map((one) =>
    [
      one.podUID.padEnd(36),
      one.containerID.slice(0, 12).padEnd(12),
      String(Math.round(one.usageMilli)).padStart(8),
      (one.throttledRatio === null ? "-" : `${Math.round(one.throttledRatio * 100)}%`).padStart(9),
      (one.quotaMilli === null ? "-" : String(Math.round(one.quotaMilli))).padStart(8),
    ].join("  "),
  );
  const head = [
    "POD".padEnd(36),
    "CONTAINER".padEnd(12),
    "USAGE m".padStart(8),
    "THROTTLED".padStart(9),
    "QUOTA m".padStart(8),
  ].join("  ");
  return `cgroup ${cgroup}\n${[head, ...rows].join("\n")}\n`;
}
