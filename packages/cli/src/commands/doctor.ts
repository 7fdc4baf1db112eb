import { parseWith } from "@walras/kit";
import { Command } from "commander";
import { z } from "zod";

import type { Finding } from "../doctor/check.ts";
import type { Patient } from "../doctor/examine.ts";
import { parts } from "../doctor/rights.ts";
import { exitCodes } from "../failure.ts";
import { type OutputFlags, show, withOutput } from "../output/output.ts";
import { type Colour, painted, type Screen } from "../output/screen.ts";

const named = z.object({ parts: z.array(z.enum(parts)).min(1) });

/** walras doctor: whether everything is there that Walras needs. */
export function doctorCommand(): Command {
  return withOutput(new Command("doctor"))
    .description("check whether this machine and this cluster have what Walras needs")
    .option("--kubeconfig <file>", "check this cluster with these credentials; without it only the machine")
    .option("--in-cluster", "check the cluster that this pod is in, with its own account, and not the machine")
    .option("--parts <names>", `as the controller's: ${parts.join(", ")}; market where not given`, also)
    .option("--batch-evict", "ask for the right to evict as well")
    .option("--namespace <name>", "where the controller's Lease is", "walras-system")
    .option("--cgroup-root <dir>", "where the cgroup file system is", "/sys/fs/cgroup")
    .option("--proc-root <dir>", "where the proc file system is", "/proc")
    .action(async (options: Omit<Patient, "parts"> & OutputFlags & { readonly parts?: readonly string[] }) => {
      const chosen = parseWith(named, { parts: options.parts ?? ["market"] }, "flags").parts;
      const { examine } = await import("../doctor/examine.ts");
      const findings = await examine({ ...options, parts: chosen });
      await show(findings, options, shown);
      if (findings.some(({ verdict }) => verdict === "fail")) process.exitCode = exitCodes.failed;
    });
}

/** Given again it adds. */
function also(names: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...names.split(",")];
}

const colours: Readonly<Record<Finding["verdict"], Colour>> = { ok: "green", warn: "yellow", fail: "red" };

function shown(findings: readonly Finding[], screen: Screen): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(
      ({ check, verdict, detail }) =>
        `${painted(verdict.padEnd(5), colours[verdict], screen)} ${check.padEnd(width)} ${detail}\n`,
    )
    .join("");
}
