import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { controlVariable } from "./control.ts";

/** The doubles that run by one control file, by process id: their command lines. */
export function doublesOf(controlPath: string): ReadonlyMap<number, string> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const own = pids.filter((pid) => fileOf(pid, "environ").includes(`${controlVariable}=${controlPath}`));
  return new Map(own.map((pid) => [Number(pid), fileOf(pid, "cmdline").replaceAll("\0", " ")]));
}

/** Those of them that go on asking. */
export function loopsOf(controlPath: string): readonly number[] {
  return [...doublesOf(controlPath)].filter(([, line]) => line.includes("--loop-ms")).map(([pid]) => pid);
}

/** Writes the driver's file of a GPU. */
export function writeProcGpu(procRoot: string, uuid: string, busId = "0000:1b:00.0"): void {
  const folder = join(procRoot, "driver", "nvidia", "gpus", busId);
  const information = `Model: \t\t NVIDIA H100 80GB HBM3\nGPU UUID: \t ${uuid}\nDevice Minor: \t 3\nGPU Excluded:\t No\n`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "information"), information);
}

function fileOf(pid: string, name: string): string {
  try {
    return readFileSync(join("/proc", pid, name), "latin1");
  } catch {
    return "";
  }
}
