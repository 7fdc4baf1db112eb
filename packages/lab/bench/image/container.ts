import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { readDockerfile } from "@walras/kit/dockerfile";

import { dockerfiles, type ProgramName } from "../../../../scripts/image/programs.ts";

const root = join(import.meta.dirname, "..", "..", "..", "..");

/** What a container's runtime does to a root file system, in a mount namespace that goes with the process. */
const enter = [
  "root=$1 user=$2; shift 2",
  'mount --rbind "$root" "$root"',
  'mount -o remount,bind,ro "$root"',
  'for place in proc sys dev; do mount --rbind "/$place" "$root/$place"; done',
  'mount -t tmpfs tmpfs "$root/tmp"',
  '[ ! -d "$GIVEN" ] || mount --bind "$GIVEN" "$root/etc"',
  'exec chroot --userspec="$user" "$root" "$@"',
].join(" && ");

/** Runs the image's entrypoint with more arguments. @param given folder that is seen as /etc there */
export function runImage(
  program: ProgramName,
  { rootfs, args, given = "" }: { readonly rootfs: string; readonly args: readonly string[]; readonly given?: string },
): ChildProcess {
  const { entrypoint, user } = readDockerfile(join(root, dockerfiles[program]));
  const command = ["--mount", "--propagation=private", "sh", "-c", enter, "sh", rootfs, user, ...entrypoint, ...args];
  return spawn("unshare", command, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: process.env["PATH"], GIVEN: given },
  });
}

/** Waits until it is ready; how long that took since `atMs`. @throws Error where it ends before */
export async function readyAfter(child: ChildProcess, atMs: number, ready: Promise<unknown>): Promise<number> {
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the program ended with ${code} before it was ready`)));
  });
  await Promise.race([ready, ended]);
  const tookMs = performance.now() - atMs;
  ended.catch(() => undefined);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  return tookMs;
}
