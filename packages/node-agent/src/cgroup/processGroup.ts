import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseContainerGroup, parsePodGroup, parseUnexpandedGroup } from "./names.ts";

/** The container that a process runs in. */
export interface ProcessContainer {
  readonly containerId: string;
  /** The pod's UID, or the config hash of a static pod; null where the path does not tell. */
  readonly podName: string | null;
}

/** Where a process runs; "unknown": it has ended, or its file may not be read. */
export type ProcessPlace = ProcessContainer | "outside" | "unknown";

/**
 * The container of a process by the text of its /proc/PID/cgroup: a line a
 * hierarchy on v1, one line on v2, both on a hybrid machine, where the unified
 * hierarchy may know nothing of containers.
 *
 * @returns null where no line tells of a container
 */
export function parseProcessGroup(text: string): ProcessContainer | null {
  const found = text.split("\n").flatMap((line) => containerIn(line.split(":").slice(2).join(":")) ?? []);
  return found.find(({ podName }) => podName !== null) ?? found[0] ?? null;
}

/** Where a process runs, as the kernel says. */
export function readProcessPlace(procRoot: string, pid: number): ProcessPlace {
  try {
    return parseProcessGroup(readFileSync(join(procRoot, String(pid), "cgroup"), "latin1")) ?? "outside";
  } catch {
    return "unknown";
  }
}

/**
 * Groups that a container makes within itself come after its own, so that the
 * first pod and the first container in it count. From within a cgroup
 * namespace a path begins with "/..", and the pod may be missing in it.
 */
function containerIn(path: string): ProcessContainer | null {
  const names = path.split("/");
  const unexpanded = names.map(parseUnexpandedGroup).find((parsed) => parsed !== null);
  if (unexpanded) return { containerId: unexpanded.containerId, podName: unexpanded.podName };
  const pod = names.findIndex((name) => parsePodGroup(name) !== null);
  const container = names
    .slice(pod + 1)
    .map(parseContainerGroup)
    .find((parsed) => parsed !== null);
  if (!container) return null;
  return { containerId: container.containerId, podName: parsePodGroup(names[pod] ?? "") };
}
