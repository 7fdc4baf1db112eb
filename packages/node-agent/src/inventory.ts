import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";

import { type Clock, describeError, type Logger, sleep } from "@walras/kit";
import type { Inventory } from "@walras/proto";

import { parseMemInfo } from "./procfs/memInfo.ts";
import { countCpus } from "./procfs/procStat.ts";
import { readKernelFile } from "./text/kernelFile.ts";
import { KernelText } from "./text/kernelText.ts";

type Named = Pick<Inventory, "cpuModel" | "os" | "kernel">;

const patienceMs = 3_000;

/**
 * The machine's hardware and system, read once at start. What cannot be found
 * out, or not in time, falls back to what Node knows.
 */
export async function readInventory(procRoot: string, clock: Clock, logger: Logger): Promise<Inventory> {
  const names = await Promise.race([readNames(logger), sleep(clock, patienceMs)]);
  return {
    cpuModel: names?.cpuModel || (cpus()[0]?.model ?? ""),
    os: names?.os || type(),
    kernel: names?.kernel || release(),
    cpuCount: cpuCount(procRoot),
    memoryBytes: memoryBytes(procRoot),
  };
}

/** The library starts programs, so it is loaded here only and never asked again. */
async function readNames(logger: Logger): Promise<Named | undefined> {
  try {
    const { cpu, osInfo } = await import("systeminformation");
    const [processor, system] = await Promise.all([cpu(), osInfo()]);
    const cpuModel = `${processor.manufacturer} ${processor.brand}`.trim();
    return { cpuModel, os: `${system.distro} ${system.release}`.trim(), kernel: system.kernel };
  } catch (error) {
    logger.warn({ error: describeError(error) }, "no inventory of this machine");
    return undefined;
  }
}

function cpuCount(procRoot: string): number {
  try {
    return countCpus(readFileSync(join(procRoot, "stat"), "latin1")) || cpus().length;
  } catch {
    return cpus().length;
  }
}

function memoryBytes(procRoot: string): number {
  const text = new KernelText();
  try {
    return (readKernelFile(join(procRoot, "meminfo"), text) ? parseMemInfo(text).totalBytes : null) ?? totalmem();
  } catch {
    return totalmem();
  }
}
