import { systemClock } from "@walras/kit";
import { HttpTransport, loadEndpoint } from "@walras/kube";
import { Command } from "commander";

import { type Finding, runChecks } from "../doctor/check.ts";
import { clusterChecks } from "../doctor/cluster.ts";
import { machineChecks } from "../doctor/machine.ts";

interface DoctorOptions {
  readonly kubeconfig?: string;
  readonly cgroupRoot: string;
  readonly procRoot: string;
  readonly json?: boolean;
}

/** walras doctor: whether everything is there that Walras needs. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("check whether this machine and this cluster have what Walras needs")
    .option("--kubeconfig <file>", "check this cluster with these credentials; without it only the machine")
    .option("--cgroup-root <dir>", "where the cgroup file system is", "/sys/fs/cgroup")
    .option("--proc-root <dir>", "where the proc file system is", "/proc")
    .option("--json", "print JSON")
    .action(async (options: DoctorOptions) => {
      const findings = await examine(options);
      process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : findings.map(line).join(""));
      if (findings.some(({ verdict }) => verdict === "fail")) process.exitCode = 1;
    });
}

async function examine({ kubeconfig, cgroupRoot, procRoot }: DoctorOptions): Promise<Finding[]> {
  const machine = await runChecks(machineChecks(cgroupRoot, procRoot));
  if (kubeconfig === undefined) return machine;
  const monotonicMs = (): number => systemClock.monotonicMs();
  const transport = new HttpTransport({
    endpoint: loadEndpoint(kubeconfig, monotonicMs),
    userAgent: "walras-doctor",
    monotonicMs,
  });
  try {
    return [...machine, ...(await runChecks(clusterChecks(transport)))];
  } finally {
    await transport.close();
  }
}

function line({ check, verdict, detail }: Finding): string {
  return `${verdict.padEnd(5)} ${check.padEnd(28)} ${detail}\n`;
}
