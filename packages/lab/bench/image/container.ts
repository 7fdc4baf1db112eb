import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
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

/** What a start took. */
export interface Start {
  readonly readyMs: number;
  /** Of all its threads; on a machine that has nothing else to do it is ready no later than that. */
  readonly cpuMs: number;
}

/** Waits until it is ready, and ends it. @param atMs when it was started @throws Error where it ends before */
export async function readyAfter(child: ChildProcess, atMs: number, ready: Promise<unknown>): Promise<Start> {
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the program ended with ${code} before it was ready`)));
  });
  await Promise.race([ready, ended]);
  const took = { readyMs: performance.now() - atMs, cpuMs: await cpuMsOf(child.pid ?? 0) };
  ended.catch(() => undefined);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  return took;
}

/** utime and stime of proc(5), in hundredths of a second. */
async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
