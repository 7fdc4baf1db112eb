import { Command } from "commander";

import type { Finding } from "../doctor/check.ts";
import type { Patient } from "../doctor/examine.ts";

/** walras doctor: whether everything is there that Walras needs. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check whether this machine and this cluster have what Walras needs")
    .option("--kubeconfig <file>", "check this cluster with these credentials; without it only the machine")
    .option("--cgroup-root <dir>", "where the cgroup file system is", "/sys/fs/cgroup")
    .option("--proc-root <dir>", "where the proc file system is", "/proc")
    .option("--json", "print JSON")
    .action(async (options: Patient & { readonly json?: boolean }) => {
      const { examine } = await import("../doctor/examine.ts");
      const findings = await examine(options);
      process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : findings.map(line).join(""));
      if (findings.some(({ verdict }) => verdict === "fail")) process.exitCode = 1;
    });
}

function line({ check, verdict, detail }: Finding): string {
  return `${verdict.padEnd(5)} ${check.padEnd(28)} ${detail}\n`;
}
