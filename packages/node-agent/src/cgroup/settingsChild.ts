import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Hierarchy } from "./hierarchy.ts";

/** The name crun gives the group in which it puts a container's processes and settings (libcrun/cgroup-systemd.c). */
const crunChild = "container";

/**
 * The child that has a container's real settings, or null: the group has its
 * own. A child of that name below a group with processes is the workload's.
 */
export function settingsChild({ cpuDirectory }: Hierarchy, path: string): string | null {
  const directory = join(cpuDirectory, path);
  const isCrun = hasChild(directory) && processIds(directory).length === 0;
  return isCrun ? crunChild : null;
}

/** The processes directly in a group; none where that cannot be read. */
export function processIds(directory: string): number[] {
  try {
    const text = readFileSync(join(directory, "cgroup.procs"), "latin1");
    return text.split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function hasChild(directory: string): boolean {
  try {
    return readdirSync(directory, { withFileTypes: true }).some(
      (entry) => entry.isDirectory() && entry.name === crunChild,
    );
  } catch {
    return false;
  }
}
