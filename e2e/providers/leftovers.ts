import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";

import { eventually } from "../harness/wait.ts";

const groupRoot = "/sys/fs/cgroup";

/**
 * Ends the containers that a stopped kubelet left running: their groups would
 * stay, and an agent beside them could not tell whose they are.
 *
 * @param home where the testbed keeps its state; the node's containerd runs still
 */
export async function endContainers(home: string, node: string): Promise<void> {
  const socket = join(home, node, "containerd.sock");
  if (!existsSync(socket)) return;
  const ctr = (...args: string[]): Promise<string> =>
    execa(join(home, "bin", "ctr"), ["--address", socket, "--namespace", "k8s.io", "tasks", ...args], {
      stdin: "ignore",
      reject: false,
    }).then(({ stdout }) => stdout);
  const tasks = async (): Promise<readonly string[]> => (await ctr("ls", "--quiet")).split("\n").filter(Boolean);
  await eventually(
    `the containers of ${node} to end`,
    async () => {
      for (const task of await tasks()) {
        await ctr("kill", "--signal", "SIGKILL", task);
        await ctr("rm", "--force", task);
      }
      return tasks();
    },
    (left) => left.length === 0,
  );
}

/** Removes the groups of a node none of whose containers runs. */
export async function removeGroups(node: string): Promise<void> {
  await eventually(
    `the groups of ${node} to go`,
    async () => {
      const left = await groupsOf(node);
      if (left.length > 0)
        await execa("find", [...left, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"], {
          stdin: "ignore",
          reject: false,
        });
      return groupsOf(node);
    },
    (left) => left.length === 0,
  );
}

async function groupsOf(node: string): Promise<readonly string[]> {
  const hierarchies = await readdir(groupRoot).catch(() => []);
  return hierarchies.map((name) => join(groupRoot, name, node)).filter((path) => existsSync(path));
}
