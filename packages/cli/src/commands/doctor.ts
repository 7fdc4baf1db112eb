import { parseWith } from "@walras/kit";
import { Command } from "commander";
import { z } from "zod";

import type { Finding } from "../doctor/check.ts";
import type { Patient } from "../doctor/examine.ts";
import { parts } from "../doctor/rights.ts";

const named = z.object({ parts: z.array(z.enum(parts)).min(1) });

/** walras doctor: whether everything is there that Walras needs. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check whether this machine and this cluster have what Walras needs")
    .option("--kubeconfig <file>", "check this cluster with these credentials; without it only the machine")
    .option("--in-cluster", "check the cluster that this pod is in, with its own account, and not the machine")
    .option("--parts <names>", `what the controller is to decide about: ${parts.join(", ")}`, "market")
    .option("--batch-evict", "ask for the right to evict as well")
    .option("--namespace <name>", "where the controller's Lease is", "walras-system")
    .option("--cgroup-root <dir>", "where the cgroup file system is", "/sys/fs/cgroup")
    .option("--proc-root <dir>", "where the proc file system is", "/proc")
    .option("--json", "print JSON")
    .action(async (options: Omit<Patient, "parts"> & { readonly parts: string; readonly json?: boolean }) => {
      const chosen = parseWith(named, { parts: options.parts.split(",") }, "flags").parts;
      const { examine } = await import("../doctor/examine.ts");
      const findings = await examine({ ...options, parts: chosen });
      process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : shown(findings));
      if (findings.some(({ verdict }) => verdict === "fail")) process.exitCode = 1;
    });
}

function shown(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, verdict, detail }) => `${verdict.padEnd(5)} ${check.padEnd(width)} ${detail}\n`)
    .join("");
}
