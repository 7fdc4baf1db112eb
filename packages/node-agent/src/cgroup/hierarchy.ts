import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";

import { errorAt } from "@walras/kit";

import { isPodsRoot } from "./names.ts";

/** Where a machine's CPU groups are, and in which form. */
export interface Hierarchy {
  readonly cgroup: "v1" | "v2" | "hybrid";
  /** Whose files the CPU groups have. */
  readonly files: "v1" | "v2";
  /** Directory that holds the quotas. */
  readonly cpuDirectory: string;
  /** Directory that holds the usage counters; v2: the same. */
  readonly accountDirectory: string;
  /** Directory that holds cpu.pressure, if any does. */
  readonly pressureDirectory: string;
  /** Whether the root is the machine's; it is not where the node is a container itself. */
  readonly wholeMachine: boolean;
  /** Whether files may be kept open: so on the kernel's file system, not on a copy of one. */
  readonly keepOpen: boolean;
}

/** statfs(2), linux/magic.h */
const kernelFileSystems: ReadonlySet<number> = new Set([0x27e0eb, 0x63677270]);

const cpuNames = ["cpu", "cpu,cpuacct", "cpuacct,cpu"];
const accountNames = ["cpuacct", "cpu,cpuacct", "cpuacct,cpu"];

/**
 * Finds the CPU controller below a mount of the cgroup file system. On a
 * hybrid machine it is in one hierarchy only, v1 or the unified one.
 *
 * @throws FieldError naming the directory, where no CPU controller is
 */
export function detectHierarchy(cgroupRoot: string): Hierarchy {
  if (existsSync(join(cgroupRoot, "cgroup.controllers"))) return unified(cgroupRoot, "v2");
  const cpu = firstDirectory(cgroupRoot, cpuNames);
  if (cpu !== null) return legacy(cgroupRoot, cpu);
  const hybrid = join(cgroupRoot, "unified");
  if (controllers(hybrid).includes("cpu")) return unified(hybrid, "hybrid");
  if (subdirectories(cgroupRoot).some(isPodsRoot)) return bare(cgroupRoot);
  throw errorAt("cgroupRoot", cgroupRoot, "has no CPU controller, neither of cgroup v1 nor of v2");
}

function unified(root: string, cgroup: Hierarchy["cgroup"]): Hierarchy {
  return {
    cgroup,
    files: "v2",
    cpuDirectory: root,
    accountDirectory: root,
    pressureDirectory: root,
    wholeMachine: !["cgroup.events", "cgroup.type"].some((file) => existsSync(join(root, file))),
    keepOpen: isKernelFileSystem(root),
  };
}

function legacy(root: string, cpuDirectory: string): Hierarchy {
  const pressure = firstDirectory(root, ["unified"]);
  return {
    cgroup: pressure === null ? "v1" : "hybrid",
    files: "v1",
    cpuDirectory,
    accountDirectory: firstDirectory(root, accountNames) ?? cpuDirectory,
    pressureDirectory: pressure ?? cpuDirectory,
    wholeMachine: existsSync(join(cpuDirectory, "release_agent")),
    keepOpen: isKernelFileSystem(cpuDirectory),
  };
}

/** A tree without its mount: one v1 hierarchy by itself, or v2 without the root's own files. */
function bare(root: string): Hierarchy {
  const pods = subdirectories(root).find(isPodsRoot) ?? "";
  const isLegacy = ["cpuacct.usage", "cpu.shares", "cpu.cfs_quota_us"].some((file) =>
    existsSync(join(root, pods, file)),
  );
  return isLegacy ? legacy(root, root) : unified(root, "v2");
}

function firstDirectory(root: string, names: readonly string[]): string | null {
  return names.map((name) => join(root, name)).find(isDirectory) ?? null;
}

function isDirectory(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function subdirectories(path: string): string[] {
  if (!isDirectory(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function controllers(root: string): string[] {
  try {
    return readFileSync(join(root, "cgroup.controllers"), "latin1").split(/\s+/);
  } catch {
    return [];
  }
}

function isKernelFileSystem(path: string): boolean {
  return kernelFileSystems.has(statfsSync(path).type);
}
