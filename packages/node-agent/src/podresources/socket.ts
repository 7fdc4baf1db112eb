import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { getegid, geteuid } from "node:process";

/**
 * Whether the socket can be opened at all: gRPC would only say that nothing is
 * connected. A kubelet's is root's: its group may look at it and not write to it, which connecting takes.
 *
 * @throws Error that says what the agent's pod lacks
 */
export async function checkSocket(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new Error(await complaintOf(path, (cause as NodeJS.ErrnoException).code ?? "unknown"), { cause });
  }
}

async function complaintOf(path: string, code: string): Promise<string> {
  if (code === "ENOENT") {
    return `no socket at ${path}: mount the node's /var/lib/kubelet/pod-resources there, or name it by --pod-resources`;
  }
  if (code !== "EACCES" && code !== "EPERM") return `the socket ${path} cannot be opened (${code})`;
  const { owner, remedy } = await ownerOf(path);
  return `permission denied for user ${geteuid?.()}, group ${getegid?.()} at ${path}, which is ${owner}: ${remedy}`;
}

const asOwner = "run the agent as its user, root, without a capability";

/** Who may open it, and what helps; the folder that it is in may be closed as well. */
async function ownerOf(path: string): Promise<{ readonly owner: string; readonly remedy: string }> {
  try {
    const { uid, gid, mode } = await stat(path);
    const remedy = (mode & constants.S_IWGRP) === 0 ? asOwner : "add its group to the pod's supplementalGroups";
    return { owner: `of user ${uid}, group ${gid}, mode ${(mode & 0o777).toString(8).padStart(4, "0")}`, remedy };
  } catch {
    return { owner: "in a folder that is closed as well", remedy: asOwner };
  }
}
